import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct AccessStore: Sendable {
    package var services: [ServiceID: RegisteredService] = [:]
    /// With the built-in ones.
    package var roles: [RoleID: Role]
    package var userRoles: [Identifier: Set<RoleID>] = [:]
    package var apiKeys: [APIKeyID: APIKey] = [:]
    /// As the version before wrote them; in `apiKeys` they are what they are now.
    package var keysWithoutKind: Set<APIKeyID> = []
    package var entitlements: [EntitlementSubject: Entitlement] = [:]
    package var serviceAccounts: [ServiceAccountID: ServiceAccount] = [:]
    package var serviceAccountRoles: [ServiceAccountID: Set<RoleID>] = [:]
    package var keyUses: [KeyUse.Place: Int] = [:]
    /// What every process was told of, in order.
    package var changes: [AccessChange] = []
    package var traces = WorkTraces()

    package init() {
        let builtIn = BuiltInRole.allCases.compactMap(\.platformRole)
        roles = Dictionary(uniqueKeysWithValues: builtIn.map { ($0.id, $0) })
    }
}
