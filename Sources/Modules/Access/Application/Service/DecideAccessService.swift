import AccessContract
import AccessDomain
import Shared

/// Decides by the gate, draws from the quota, and leaves the rest to be done later.
package struct DecideAccessService: DecideAccess {
    private let services: any ServiceDirectory
    private let freshness: any Freshness
    private let meter: any Meter
    private let meterKeepsNames: Bool
    private let answered: any AnsweredRequests
    private let journal: DecisionJournal
    private let gate: AccessGate
    private let clock: any WallClock

    /// - Parameter perPrefix: `ANONYMOUS_PER_PREFIX`: how many times the anonymous plan's amount one network has.
    package init(
        services: any ServiceDirectory, standings: any StandingDirectory, credentials: any CredentialReader,
        registry: PermissionRegistry, freshness: any Freshness, meter: any Meter, answered: any AnsweredRequests,
        journal: DecisionJournal,
        catalog: PlanCatalog, perPrefix: Int,
        clock: any WallClock
    ) {
        self.services = services
        self.freshness = freshness
        self.meter = meter
        meterKeepsNames = meter.keepsNames
        self.answered = answered
        self.journal = journal
        self.clock = clock
        gate = AccessGate(
            standings: standings, credentials: credentials, registry: registry,
            anonymousPlan: EffectivePlan(anonymousIn: catalog), perPrefix: perPrefix)
    }

    package func callAsFunction(_ question: AccessQuestion) async throws -> AccessAnswer {
        let now = clock.now
        try await freshness.refreshIfStale(at: now)
        let inquiry: Inquiry
        switch begin(question, at: now) {
        case .answered(let answer): return answer
        case .open(let opened): inquiry = opened
        }
        switch try await gate.judge(question, inquiry.service, at: now) {
        case .refused(let refusal): return end(inquiry, refusal)
        case .admitted(let admission):
            let outcome = try await count(admission.draw, inquiry)
            if !outcome.isOutdated { return end(inquiry, admission, outcome) }
        }
        // The plan is another one by now, and somebody else has counted by it.
        try await freshness.refresh()
        switch try await gate.judge(question, inquiry.service, at: now) {
        case .refused(let refusal): return end(inquiry, refusal)
        case .admitted(var admission):
            admission.draw = admission.draw.insisting
            return end(inquiry, admission, try await count(admission.draw, inquiry))
        }
    }

    private func count(_ draw: Draw, _ inquiry: Inquiry) async throws -> DrawOutcome {
        switch inquiry.counting {
        case .draw: try await take(draw, inquiry)
        case .look: try await meter.peek(draw)
        case .counted(let outcome): outcome
        }
    }

    private func take(_ draw: Draw, _ inquiry: Inquiry) async throws -> DrawOutcome {
        guard let (request, _) = inquiry.note else { return try await meter.take(draw) }
        return try await meter.take(draw, named: request)
    }

    package var canRecall: Bool { meter.canRecallTake }

    package func recall(_ question: AccessQuestion) -> AccessAnswer? {
        let now = clock.now
        guard !question.isDryRun, freshness.isFresh(at: now) else { return nil }
        let inquiry: Inquiry
        switch begin(question, at: now) {
        case .answered(let answer): return answer
        case .open(let opened): inquiry = opened
        }
        switch gate.recall(question, inquiry.service, at: now) {
        case nil: return nil
        case .refused(let refusal): return end(inquiry, refusal)
        case .admitted(let admission):
            if case .counted(let outcome) = inquiry.counting { return end(inquiry, admission, outcome) }
            guard let outcome = meter.recallTake(admission.draw), !outcome.isOutdated else { return nil }
            return end(inquiry, admission, outcome)
        }
    }

    /// A question that has to be decided.
    private struct Inquiry {
        enum Counting {
            case draw
            /// A dry run.
            case look
            /// It was counted when it was asked for the first time.
            case counted(DrawOutcome)
        }

        let question: AccessQuestion
        let service: RegisteredService
        let counting: Counting
        /// By what the first answer is found again; nil if it need not be.
        let note: (request: GatewayRequest, asked: GatewayRequest.Question)?
        let now: Timestamp

        var source: DecisionRecord.Source {
            switch counting {
            case .draw: .request
            case .look: .dryRun
            case .counted: .repetition
            }
        }
    }

    private enum Beginning {
        case open(Inquiry)
        case answered(AccessAnswer)
    }

    /// One client request that a gateway may ask about several times is counted the first time. What else is asked is
    /// asked each time, so that rights are always those of now.
    private func begin(_ question: AccessQuestion, at now: Timestamp) -> Beginning {
        guard let service = services.service(question.service) else {
            return .answered(journal.refused(AccessGate.Refusal(reason: .serviceUnknown), question, nil, at: now))
        }
        func open(_ counting: Inquiry.Counting, _ note: (GatewayRequest, GatewayRequest.Question)? = nil) -> Beginning {
            .open(Inquiry(question: question, service: service, counting: counting, note: note, now: now))
        }
        if question.isDryRun { return open(.look) }
        guard let request = GatewayRequest(question, service) else { return open(.draw) }
        let asked = GatewayRequest.Question(question)
        guard let earlier = answered.find(request) else { return open(.draw, (request, asked)) }
        let first = earlier.decision
        let repetition = GatewayRequest.repetition(
            of: earlier.question, answeredAt: first.decidedAt, wasAllowed: first.isAllowed, by: asked, at: now)
        switch repetition {
        case .new: return open(.draw, (request, asked))
        case .same where !first.isAllowed:
            return .answered(AccessAnswer(decision: first, service: service, refusal: earlier.refusal))
        default:
            return open(
                .counted(
                    DrawOutcome(
                        isAllowed: true, binding: first.binding, exceedsSoftLimit: first.exceedsSoftLimit,
                        isDegraded: first.isDegraded)))
        }
    }

    private func end(_ inquiry: Inquiry, _ refusal: AccessGate.Refusal) -> AccessAnswer {
        noted(inquiry, journal.refused(refusal, inquiry.question, inquiry.service, at: inquiry.now))
    }

    private func end(
        _ inquiry: Inquiry, _ admission: AccessGate.Admission, _ outcome: DrawOutcome
    ) -> AccessAnswer {
        let source = outcome.isRepetition ? .repetition : inquiry.source
        return noted(
            inquiry,
            journal.drawn(
                outcome, admission, inquiry.question, inquiry.service, source: source, isCounted: source == .request,
                at: inquiry.now),
            outcome.isAllowed ? admission.draw : nil, isKept: meterKeepsNames && !outcome.isDegraded)
    }

    /// - Parameter isKept: the meter remembers what was counted, for this process and the others.
    private func noted(
        _ inquiry: Inquiry, _ answer: AccessAnswer, _ draw: Draw? = nil, isKept: Bool = false
    ) -> AccessAnswer {
        if let (request, asked) = inquiry.note, draw == nil || !isKept {
            answered.note(
                AnsweredRequest(question: asked, decision: answer.decision, refusal: answer.refusal, draw: draw),
                request)
        }
        return answer
    }
}

extension GatewayRequest {
    /// Nil if the gateway gives no name by which a request is known again.
    fileprivate init?(_ question: AccessQuestion, _ service: RegisteredService) {
        guard let name = question.gatewayRequest else { return nil }
        self.init(gateway: name.gateway, service: service.id, requestID: name.requestID)
    }
}
