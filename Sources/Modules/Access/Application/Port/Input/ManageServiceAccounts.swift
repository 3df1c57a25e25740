import AccessContract
import AccessDomain
import Shared

/// A service account with its roles by name.
package struct ServiceAccountView: Sendable, Equatable {
    package let account: ServiceAccount
    package let roles: [Role]

    package init(_ account: ServiceAccount, roles: [Role]) {
        self.account = account
        self.roles = roles
    }
}

package struct CreateServiceAccountCommand: Sendable {
    package let id: ServiceAccountID
    package let name: String
    /// By name, each once or more.
    package let roles: [String]
    package let principal: Principal

    package init(id: ServiceAccountID, name: String, roles: [String], principal: Principal) {
        self.id = id
        self.name = name
        self.roles = roles
        self.principal = principal
    }
}

/// A partial update: nil keeps.
package struct ChangeServiceAccountCommand: Sendable {
    package let id: ServiceAccountID
    package let name: String?
    /// All of them.
    package let roles: [String]?
    package let isActive: Bool?
    package let principal: Principal

    package init(
        id: ServiceAccountID, name: String? = nil, roles: [String]? = nil, isActive: Bool? = nil, principal: Principal
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isActive = isActive
        self.principal = principal
    }
}

package enum ServiceAccountOutcome: Sendable, Equatable {
    /// The account as it is now; a deleted one as it was.
    case done(ServiceAccountView)
    case unknown
    /// The account may do, or will be able to do, what the caller may not.
    case permissionDenied
    case invalid(InvalidFields)
}
