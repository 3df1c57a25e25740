import AccessContract
import AccessDomain
import Shared

/// Which requests of gateways were answered a moment ago. Bounded: what is forgotten too early is counted again.
package protocol AnsweredRequests: Sendable {
    func find(_ request: GatewayRequest) -> AnsweredRequest?
    func note(_ answered: AnsweredRequest, _ request: GatewayRequest)
    /// Forgets a request that was let pass and counted, and no more than `GatewayRequest.lifetime` ago.
    ///
    /// - Parameter gateway: whose name is meant if several gateways of the service used the same.
    /// - Returns: nil if there is none of this name.
    func takeCounted(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway, at now: Timestamp
    ) -> AnsweredRequest?
}

/// The first answer to a request, and to which question it was.
package struct AnsweredRequest: Sendable, Equatable {
    package let question: GatewayRequest.Question
    package let decision: Decision
    /// Of a refusal.
    package let refusal: RefusalDetails?
    /// What was counted; nil for a refusal.
    package let draw: Draw?

    package init(
        question: GatewayRequest.Question, decision: Decision, refusal: RefusalDetails? = nil, draw: Draw? = nil
    ) {
        self.question = question
        self.decision = decision
        self.refusal = refusal
        self.draw = draw
    }

    /// Whether what was counted can be given back.
    package func isCounted(at now: Timestamp) -> Bool {
        draw != nil && now >= decision.decidedAt && now - decision.decidedAt < GatewayRequest.lifetime
    }
}

/// Keeps decisions for a while, so that they can be explained. Bounded.
package protocol DecisionLog: Sendable {
    func note(_ record: DecisionRecord)
    /// Nil if it is not known any more, or never was.
    func callAsFunction(_ id: DecisionID) -> DecisionRecord?
}

/// Refused decisions in the audit log, of every process.
package protocol RecordedRefusals: Sendable {
    /// Nil if there is none: not every refusal goes into the log, and of equal ones within a minute only the first are
    /// known by their identifier.
    func find(_ id: DecisionID) async throws -> RecordedRefusal?
}

/// What decisions leave to be done. Noting never waits; it is done in its own time. Bounded: what does not fit is dropped
/// and counted.
package protocol FollowUps: Sendable {
    /// For the audit log, where equal refusals become one line with a count.
    ///
    /// - Parameter service: nil if there is none of the name that was asked for.
    func noteRefusal(_ decision: Decision, _ service: ServiceSlug?, from address: NetworkAddress)
    /// To be published.
    func noteNews(_ news: [DrawOutcome.News], of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug)
    /// To be merged: at the first decision of somebody signed in on a device, each day.
    func noteDevice(_ device: Identifier, of user: Identifier, at now: Timestamp)
    /// To be written as the key's last use.
    func noteUse(of key: APIKeyID, at now: Timestamp)
    /// To be added to what the key has used on this day.
    func noteCost(_ cost: Int, of key: APIKeyID, at now: Timestamp)
}
