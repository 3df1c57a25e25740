import AccessContract
import AccessDomain
import Shared

package struct CreateRoleCommand: Sendable {
    package let id: RoleID
    package let name: String
    package let permissions: [String]
    package let principal: Principal

    package init(id: RoleID, name: String, permissions: [String], principal: Principal) {
        self.id = id
        self.name = name
        self.permissions = permissions
        self.principal = principal
    }
}

/// A partial update: nil keeps.
package struct ChangeRoleCommand: Sendable {
    package let id: RoleID
    package let name: String?
    package let permissions: [String]?
    package let principal: Principal

    package init(id: RoleID, name: String? = nil, permissions: [String]? = nil, principal: Principal) {
        self.id = id
        self.name = name
        self.permissions = permissions
        self.principal = principal
    }
}

package enum RoleOutcome: Sendable, Equatable {
    /// The role as it is now; a deleted one as it was.
    case done(Role)
    case unknown
    case nameTaken
    case invalid(InvalidFields)
    case refused(RoleRefusal)
}
