import AccessContract
import AccessDomain
import Shared

/// Decides by the gate, draws from the quota, and leaves the rest to be done later.
package struct DecideAccessService: DecideAccess {
    private let services: any ServiceDirectory
    private let freshness: any Freshness
    private let meter: any Meter
    private let answered: any AnsweredRequests
    private let journal: DecisionJournal
    private let gate: AccessGate
    private let clock: any WallClock

    /// - Parameter perPrefix: `ANONYMOUS_PER_PREFIX`: how many times the anonymous plan's amount one network has.
    package init(
        services: any ServiceDirectory, standings: any StandingDirectory, credentials: any CredentialReader,
        freshness: any Freshness, meter: any Meter, answered: any AnsweredRequests, journal: DecisionJournal,
        catalog: PlanCatalog, perPrefix: Int,
        clock: any WallClock
    ) {
        self.services = services
        self.freshness = freshness
        self.meter = meter
        self.answered = answered
        self.journal = journal
        self.clock = clock
        gate = AccessGate(
            standings: standings, credentials: credentials, anonymousPlan: EffectivePlan(anonymousIn: catalog),
            perPrefix: perPrefix)
    }

    package func callAsFunction(_ question: AccessQuestion) async throws -> AccessAnswer {
        let now = clock.now
        try await freshness.refreshIfStale(at: now)
        guard let service = services.service(question.service) else {
            return journal.refused(AccessGate.Refusal(reason: .serviceUnknown), question, nil, at: now)
        }
        guard !question.isDryRun, let request = GatewayRequest(question, service) else {
            return try await decide(question, service, at: now)
        }
        return try await decide(question, service, once: request, at: now)
    }

    private func decide(
        _ question: AccessQuestion, _ service: RegisteredService, at now: Timestamp
    ) async throws -> AccessAnswer {
        switch try await gate.judge(question, service, at: now) {
        case .refused(let refusal): return journal.refused(refusal, question, service, at: now)
        case .admitted(let admission):
            let outcome =
                question.isDryRun ? try await meter.peek(admission.draw) : try await meter.take(admission.draw)
            return journal.drawn(
                outcome, admission, question, service, source: question.isDryRun ? .dryRun : .request, at: now)
        }
    }

    /// One client request that a gateway may ask about several times is counted the first time. What else is asked is
    /// asked each time, so that rights are always those of now.
    private func decide(
        _ question: AccessQuestion, _ service: RegisteredService, once request: GatewayRequest, at now: Timestamp
    ) async throws -> AccessAnswer {
        let asked = GatewayRequest.Question(question)
        if let earlier = answered.find(request) {
            let first = earlier.decision
            let repetition = GatewayRequest.repetition(
                of: earlier.question, answeredAt: first.decidedAt, wasAllowed: first.isAllowed, by: asked, at: now)
            if repetition == .same, !first.isAllowed { return AccessAnswer(decision: first, service: service) }
            if repetition != .new { return try await repeated(first, question, service, at: now) }
        }
        let answer = try await decide(question, service, at: now)
        answered.note(AnsweredRequest(question: asked, decision: answer.decision), request)
        return answer
    }

    private func repeated(
        _ first: Decision, _ question: AccessQuestion, _ service: RegisteredService, at now: Timestamp
    ) async throws -> AccessAnswer {
        switch try await gate.judge(question, service, at: now) {
        case .refused(let refusal): return journal.refused(refusal, question, service, at: now)
        case .admitted(let admission):
            let outcome = DrawOutcome(
                isAllowed: true, binding: first.binding, exceedsSoftLimit: first.exceedsSoftLimit,
                isDegraded: first.isDegraded)
            return journal.drawn(outcome, admission, question, service, source: .repetition, at: now)
        }
    }
}

extension GatewayRequest {
    /// Nil if the gateway gives no name by which a request is known again.
    fileprivate init?(_ question: AccessQuestion, _ service: RegisteredService) {
        guard let name = question.gatewayRequest else { return nil }
        self.init(gateway: name.gateway, service: service.id, requestID: name.requestID)
    }
}
