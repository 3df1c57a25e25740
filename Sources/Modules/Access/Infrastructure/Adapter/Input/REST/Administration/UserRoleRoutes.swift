import AccessApplication
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Lists
import Shared

/// Which roles somebody has.
struct UserRoleRoutes: Sendable {
    let roles: ManageUserRolesService
    let gate: any Gate
    let cursors: ListCursors

    var routes: [Route] { [readRoute, setRoute] }

    private var readRoute: Route {
        Route(
            list: "/users/{id}/roles",
            Operation(
                "readUserRoles", "The roles that a user has, by name", tag: RoleRoutes.tag,
                answers: [.problem(.notFound)]),
            needs: .permission(AccessPermission.rolesRead), gate: gate, cursors: cursors, reads: PageQuery.self
        ) { request, _, part, _ in
            guard let held = try await roles.roles(of: try request.pathID()) else { throw Problem(.notFound) }
            return Page(of: held.map { RoleAnswer(role: $0) }, part) { ByName($0.role.name) }
        }
    }

    private var setRoute: Route {
        Route(
            .put, "/users/{id}/roles",
            Operation(
                "setUserRoles", "Give a user these roles and no others, everywhere within a second",
                tag: RoleRoutes.tag,
                answers: [
                    .json(200, PageOutput<RoleAnswer>.self, "The roles that the user has now"), .problem(.notFound),
                    .problem(.lastAdministrator),
                ]),
            needs: .permission(AccessPermission.rolesWrite), stepUp: .fresh, gate: gate,
            reads: .body(UserRolesBody.self)
        ) { request, body, principal in
            let command = SetUserRolesCommand(
                userID: try request.pathID(), roles: body.roles, principal: principal)
            switch try await roles.setRoles(command) {
            case .set(let held):
                return .json(PageOutput(held.map { RoleAnswer(role: $0) }, next: nil))
            case .unknownUser: throw Problem(.notFound)
            case .invalid(let invalid): throw Problem.validation(invalid)
            case .refused(let refusal): throw refusal.problem
            }
        }
    }
}

struct UserRolesBody: Input {
    static let rolesMax = 64

    let roles: [String]

    init(_ fields: inout Fields) {
        roles = fields.required("roles", .list(of: .roleName, 0...Self.rolesMax))
    }
}
