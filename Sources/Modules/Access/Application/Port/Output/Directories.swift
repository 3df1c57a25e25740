import AccessContract
import AccessDomain
import Shared

/// The services, in memory: asked on every request, and never suspends.
package protocol ServiceDirectory: Sendable {
    func service(_ slug: String) -> RegisteredService?
    /// Every service, by slug.
    var all: [RegisteredService] { get }
}

/// What the gate knows of a person. A class, because every decision looks at it and none changes it.
package final class Standing: Sendable {
    package let userID: Identifier
    /// False: blocked, deactivated or gone.
    package let isGood: Bool
    package let email: EmailAddress?
    /// By name.
    package let roles: [String]
    package let rights: CallerRights
    package let plan: EffectivePlan

    package init(
        userID: Identifier, isGood: Bool, email: EmailAddress?, roles: [String], rights: CallerRights,
        plan: EffectivePlan
    ) {
        self.userID = userID
        self.isGood = isGood
        self.email = email
        self.roles = roles
        self.rights = rights
        self.plan = plan
    }
}

/// What the gate knows of a service account.
package final class ServiceAccountStanding: Sendable {
    package let id: ServiceAccountID
    package let isActive: Bool
    /// By name.
    package let roles: [String]
    package let rights: CallerRights
    package let plan: EffectivePlan

    package init(
        id: ServiceAccountID, isActive: Bool, roles: [String], rights: CallerRights, plan: EffectivePlan
    ) {
        self.id = id
        self.isActive = isActive
        self.roles = roles
        self.rights = rights
        self.plan = plan
    }
}

/// What people and keys may do. Suspends only for somebody who is not known yet.
package protocol StandingDirectory: Sendable {
    /// Nil if there is no such account.
    func standing(of userID: Identifier, at now: Timestamp) async throws -> Standing?
    /// The same from memory.
    func recallStanding(of userID: Identifier, at now: Timestamp) -> MemoryLookup<Standing>
    /// Nil if there is no such service account.
    func standing(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) async throws -> ServiceAccountStanding?
    /// The same from memory.
    func recallStanding(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) -> MemoryLookup<ServiceAccountStanding>
    /// What a tenant's own keys may use.
    func plan(of tenantID: TenantID, at now: Timestamp) async throws -> EffectivePlan
    /// The same from memory; nil if the store has to be asked.
    func recallPlan(of tenantID: TenantID, at now: Timestamp) -> EffectivePlan?
    /// The rules of counting for a plan and a service, made once.
    func rules(_ plan: EffectivePlan, for service: RegisteredService) -> [ChargeRule]
}

/// Whose a genuine access token is.
package struct TokenHolder: Sendable, Equatable {
    package let userID: Identifier
    /// False if the token's session has ended: it lets nobody in, but whose it was tells why.
    package let isSignedIn: Bool

    package init(userID: Identifier, isSignedIn: Bool) {
        self.userID = userID
        self.isSignedIn = isSignedIn
    }
}

/// Finds out whose credential it is. Suspends only for one that is not known yet.
package protocol CredentialReader: Sendable {
    /// Whose an access token is; nil if it is none of ours or has expired.
    func holder(accessToken: String) async throws -> TokenHolder?
    /// The same from memory.
    func recallHolder(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenHolder>
    /// A key that is right, not revoked and not expired; nil for everything else. Notes its use, now and then.
    func apiKey(_ text: String, at now: Timestamp) async throws -> APIKey?
    /// The same from memory.
    func recallKey(_ text: String, at now: Timestamp) -> MemoryLookup<APIKey>
}

/// Makes `X-Gapura-Identity`: a JWT of at most 60 s for one service.
package protocol IdentityIssuer: Sendable {
    /// Kept for as long as it is good, so that it is signed once for a caller and a service.
    func identity(of caller: Caller, for service: RegisteredService, at now: Timestamp) throws -> String
}
