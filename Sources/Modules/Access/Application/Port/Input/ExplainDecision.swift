import AccessContract
import AccessDomain
import Shared

/// Why the gate decided as it did: with what counted at that time, not with what counts now.
package protocol ExplainDecision: Sendable {
    /// - Returns: nil for a decision that nobody remembers: unknown, made on another node, or too old.
    func callAsFunction(_ id: DecisionID) async throws -> DecisionExplanation?
}

/// A decision with what it was made of.
package struct DecisionExplanation: Sendable, Equatable {
    /// What was asked for; nothing of it if only the path was not known.
    package struct Asked: Sendable, Equatable {
        /// As it was asked for, whether there is such a service or not.
        package let service: String
        package let method: String?
        package let path: String?
        package let permission: Permission?
        /// What the request draws.
        package let cost: Int?
        package let isDryRun: Bool

        package init(
            service: String, method: String? = nil, path: String? = nil, permission: Permission? = nil,
            cost: Int? = nil, isDryRun: Bool = false
        ) {
            self.service = service
            self.method = method
            self.path = path
            self.permission = permission
            self.cost = cost
            self.isDryRun = isDryRun
        }
    }

    package let asked: Asked
    /// With the counter after the draw: `binding`.
    package let decision: Decision
    /// The route of the service that the request met; nil for none.
    package let route: ServiceRoute?
    /// Every right that the request needed.
    package let needed: [Permission]

    package init(asked: Asked, decision: Decision, route: ServiceRoute? = nil, needed: [Permission] = []) {
        self.asked = asked
        self.decision = decision
        self.route = route
        self.needed = needed
    }
}
