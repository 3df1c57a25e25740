import AccessContract
import AccessDomain
import Shared

/// Makes decisions of what was found out, remembers them for a while, and notes what they leave to be done.
package struct DecisionJournal: Sendable {
    let log: any DecisionLog
    let followUps: any FollowUps
    let identifiers: any IdentifierSource

    package init(log: any DecisionLog, followUps: any FollowUps, identifiers: any IdentifierSource) {
        self.log = log
        self.followUps = followUps
        self.identifiers = identifiers
    }

    func refused(
        _ refusal: AccessGate.Refusal, _ question: AccessQuestion, _ service: RegisteredService?,
        source: DecisionRecord.Source? = nil, at now: Timestamp
    ) -> AccessAnswer {
        let decision = Decision(
            id: identifiers.next(), denial: refusal.reason, caller: refusal.caller, decidedAt: now)
        log.note(
            DecisionRecord(
                decision, of: question, service, source: source ?? (question.isDryRun ? .dryRun : .request),
                route: refusal.route, missing: refusal.missing, entitlementVersion: refusal.entitlementVersion))
        if refusal.reason.isSuspicious {
            followUps.noteRefusal(decision, service?.slug, from: question.visitor.address)
        }
        return AccessAnswer(decision: decision, service: service)
    }

    func drawn(
        _ outcome: DrawOutcome, _ admission: AccessGate.Admission, _ question: AccessQuestion,
        _ service: RegisteredService, source: DecisionRecord.Source, at now: Timestamp
    ) -> AccessAnswer {
        let decision = Decision(
            id: identifiers.next(), denial: outcome.denial, caller: admission.caller, binding: outcome.binding,
            exceedsSoftLimit: outcome.exceedsSoftLimit, isDegraded: outcome.isDegraded, decidedAt: now)
        log.note(
            DecisionRecord(
                decision, of: question, service, source: source, route: admission.route, cost: admission.draw.cost,
                entitlementVersion: admission.plan.version))
        if let holder = admission.holder, !outcome.news.isEmpty {
            followUps.noteNews(outcome.news, of: holder, plan: admission.plan.plan, service.slug)
        }
        if admission.caller.kind == .user, let user = admission.caller.userID, let device = question.visitor.device {
            followUps.noteDevice(device, of: user, at: now)
        }
        return AccessAnswer(
            decision: decision, service: service, email: decision.isAllowed ? admission.email : nil)
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
        case .missingCredential, .serviceUnknown, .notInPlan, .paymentDue, .quotaExhausted, .rateLimited: false
        }
    }
}
