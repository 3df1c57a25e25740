import AccessContract
import AccessDomain
import Shared

package enum DecisionExplanation: Sendable, Equatable {
    case remembered(DecisionRecord)
    case recorded(RecordedRefusal)
    /// By the refusal's identifier alone.
    case sealed(DecisionRecord, RecordedRefusal?)
}

/// What the audit log knows of a refused decision.
package struct RecordedRefusal: Sendable, Equatable {
    /// Of the line.
    package let entryID: Identifier
    package let reason: DenialReason
    /// Nil if there was none of the name that was asked for, or the line is about those that came too many.
    package let service: ServiceSlug?
    /// Nil for somebody whom the gate did not know, and for a service account.
    package let userID: Identifier?
    package let serviceAccountID: ServiceAccountID?
    /// When the first of the line was written.
    package let recordedAt: Timestamp
    /// How many equal refusals the line is about.
    package let count: Int

    package init(
        entryID: Identifier, reason: DenialReason, service: ServiceSlug?, userID: Identifier?,
        serviceAccountID: ServiceAccountID? = nil, recordedAt: Timestamp, count: Int
    ) {
        self.entryID = entryID
        self.reason = reason
        self.service = service
        self.userID = userID
        self.serviceAccountID = serviceAccountID
        self.recordedAt = recordedAt
        self.count = count
    }
}

/// What is kept of one decision for a while.
package struct DecisionRecord: Sendable, Equatable {
    package enum CredentialKind: String, Sendable {
        case none
        case accessToken = "access_token"
        case apiKey = "api_key"
        case malformed
    }

    /// Where the decision came from.
    package enum Source: String, Sendable {
        /// A request that was decided and, if allowed, counted.
        case request
        /// Nothing was counted.
        case dryRun = "dry_run"
        case reservation
        /// A gateway asked again for the same request: the count of the first time holds.
        case repetition
        /// Refused at the door, before anybody was looked up.
        case door
    }

    package let decision: Decision
    /// As it was asked for; there may be none of this name.
    package let service: String
    package let credential: CredentialKind
    package let source: Source
    /// Nil if a permission was asked about, or the path is not known.
    package let method: RequestMethod?
    /// At most its first 256 bytes.
    package let path: String?
    /// The prefix of the route that holds; nil without one.
    package let route: String?
    /// The right that was missing.
    package let missing: Permission?
    package let cost: Int
    /// Of the entitlement that the plan came from; 0 for none.
    package let entitlementVersion: Int64

    package init(
        decision: Decision, service: String, credential: CredentialKind, source: Source, method: RequestMethod? = nil,
        path: String? = nil, route: String? = nil, missing: Permission? = nil, cost: Int = 0,
        entitlementVersion: Int64 = 0
    ) {
        self.decision = decision
        self.service = service
        self.credential = credential
        self.source = source
        self.method = method
        self.path = path
        self.route = route
        self.missing = missing
        self.cost = cost
        self.entitlementVersion = entitlementVersion
    }
}
