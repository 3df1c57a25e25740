import AccessContract
import AccessDomain
import Shared

/// Makes decisions of what was found out, remembers them for a while, and notes what they leave to be done.
package struct DecisionJournal: Sendable {
    let log: any DecisionLog
    let followUps: any FollowUps
    let identifiers: any IdentifierSource
    let seal: any DecisionSeal

    package init(
        log: any DecisionLog, followUps: any FollowUps, identifiers: any IdentifierSource, seal: any DecisionSeal
    ) {
        self.log = log
        self.followUps = followUps
        self.identifiers = identifiers
        self.seal = seal
    }

    func refused(
        _ refusal: AccessGate.Refusal, _ question: AccessQuestion, _ service: RegisteredService?,
        source: DecisionRecord.Source? = nil, at now: Timestamp
    ) -> AccessAnswer {
        let decision = Decision(
            id: identifiers.next(), denial: refusal.reason, caller: refusal.caller, decidedAt: now)
        let record = DecisionRecord(
            decision, of: question, service, source: source ?? (question.isDryRun ? .dryRun : .request),
            route: refusal.route, missing: refusal.missing, entitlementVersion: refusal.entitlementVersion)
        log.note(record)
        if refusal.reason.isSuspicious {
            followUps.noteRefusal(decision, service?.slug, from: question.visitor.address)
        }
        return AccessAnswer(decision: decision, service: service, refusal: details(of: record))
    }

    /// Nil if the decision allows. A record that cannot be sealed keeps its plain identifier.
    private func details(of record: DecisionRecord) -> RefusalDetails? {
        if record.decision.isAllowed { return nil }
        let reference = (try? seal.seal(record)) ?? record.decision.id.description
        return RefusalDetails(reference: reference, missing: record.missing)
    }

    /// - Parameter isCounted: whether what was let pass was counted by this decision, and no earlier one.
    func drawn(
        _ outcome: DrawOutcome, _ admission: AccessGate.Admission, _ question: AccessQuestion,
        _ service: RegisteredService, source: DecisionRecord.Source, isCounted: Bool, at now: Timestamp
    ) -> AccessAnswer {
        let decision = Decision(
            id: identifiers.next(), denial: outcome.denial, caller: admission.caller, binding: outcome.binding,
            exceedsSoftLimit: outcome.exceedsSoftLimit, isDegraded: outcome.isDegraded, decidedAt: now)
        let record = DecisionRecord(
            decision, of: question, service, source: source, route: admission.route, cost: admission.draw.cost,
            entitlementVersion: admission.plan.version)
        log.note(record)
        if isCounted, let key = admission.key, decision.isAllowed {
            followUps.noteCost(admission.draw.cost, of: key, at: now)
        }
        if let holder = admission.holder, !outcome.news.isEmpty {
            followUps.noteNews(outcome.news, of: holder, plan: admission.plan.plan, service.slug)
        }
        if admission.caller.kind == .user, let user = admission.caller.userID, let device = question.visitor.device {
            followUps.noteDevice(device, of: user, at: now)
        }
        return AccessAnswer(
            decision: decision, service: service, email: decision.isAllowed ? admission.email : nil,
            refusal: details(of: record))
    }
}

extension DrawOutcome {
    private var refusal: DenialReason { isBurst ? .rateLimited : .quotaExhausted }

    var denial: DenialReason? { isAllowed ? nil : refusal }
}

extension DenialReason {
    /// Whether somebody may be trying what he must not; a limit that is reached is no such thing.
    fileprivate var isSuspicious: Bool {
        switch self {
        case .invalidCredential, .accountBlocked, .permissionDenied, .routeUnknown, .ambiguousRequest,
            .untrustedGateway:
            true
        case .missingCredential, .serviceUnknown, .notInPlan, .paymentDue, .quotaExhausted, .rateLimited,
            .pathTooLong, .originNotAllowed:
            false
        }
    }
}
