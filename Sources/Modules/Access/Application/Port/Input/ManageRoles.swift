import AccessContract
import AccessDomain
import Shared

/// Roles of the platform. Who may manage roles at all is decided before; here it counts which rights are in play:
/// nobody hands out a right that he does not have, nor takes one away.
package protocol ManageRoles: Sendable {
    /// By name, the built-in ones among them.
    func list() async throws -> [Role]
    func find(_ id: RoleID) async throws -> Role?
    /// Makes a role under the given id; what is there under it already is the answer.
    func create(_ command: CreateRoleCommand) async throws -> RoleOutcome
    func change(_ command: ChangeRoleCommand) async throws -> RoleOutcome
    func delete(_ id: RoleID, by principal: Principal) async throws -> RoleOutcome
}

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
