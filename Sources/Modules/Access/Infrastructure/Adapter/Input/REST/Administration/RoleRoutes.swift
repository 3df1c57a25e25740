import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// Roles of the platform.
struct RoleRoutes: Sendable {
    let roles: ManageRolesService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors

    static let tag = "Roles"

    var routes: [Route] { [listRoute, createRoute, readRoute, changeRoute, deleteRoute] }

    private var listRoute: Route {
        Route(
            list: "/roles",
            Operation("listRoles", "The roles by name", tag: Self.tag),
            needs: .permission(AccessPermission.rolesRead), gate: gate, cursors: cursors, reads: PageQuery.self
        ) { _, _, part, _ in
            Page(of: try await roles.list().map { RoleAnswer(role: $0) }, part) { ByName($0.role.name) }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/roles",
            Operation(
                "createRole", "Create a role, of permissions that the caller has himself", tag: Self.tag,
                answers: [.json(201, RoleAnswer.self, "The role"), .problem(.roleNameTaken)]),
            needs: .permission(AccessPermission.rolesWrite), gate: gate, once: idempotency,
            reads: .body(CreateRoleBody.self)
        ) { body, principal, id in
            let command = CreateRoleCommand(
                id: RoleID(id), name: body.name, permissions: body.permissions, principal: principal)
            let role = try await roles.create(command).role
            return .created(RoleAnswer(role: role), at: "/roles/\(role.id)")
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/roles/{id}",
            Operation(
                "readRole", "A role", tag: Self.tag,
                answers: [.json(200, RoleAnswer.self, "The role"), .problem(.notFound)]),
            needs: .permission(AccessPermission.rolesRead), gate: gate
        ) { request, _ in
            guard let role = try await roles.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(RoleAnswer(role: role))
        }
    }

    private var changeRoute: Route {
        Route(
            .patch, "/roles/{id}",
            Operation(
                "changeRole", "Change a role, everywhere within a second; what is absent stays", tag: Self.tag,
                answers: [
                    .json(200, RoleAnswer.self, "The role"), .problem(.notFound), .problem(.roleNameTaken),
                    .problem(.builtInRole),
                ]),
            needs: .permission(AccessPermission.rolesWrite), gate: gate, reads: .body(ChangeRoleBody.self)
        ) { request, body, principal in
            let command = ChangeRoleCommand(
                id: try request.pathID(), name: body.name, permissions: body.permissions,
                principal: principal)
            return .json(RoleAnswer(role: try await roles.change(command).role))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/roles/{id}",
            Operation(
                "deleteRole", "Delete a role that nobody has", tag: Self.tag,
                answers: [
                    .empty(204, "The role is gone"), .problem(.notFound), .problem(.builtInRole), .problem(.roleInUse),
                ]),
            needs: .permission(AccessPermission.rolesWrite), gate: gate
        ) { request, principal in
            _ = try await roles.delete(try request.pathID(), by: principal).role
            return .noContent()
        }
    }
}

extension RoleOutcome {
    /// - Throws: a problem for every other outcome.
    fileprivate var role: Role {
        get throws(Problem) {
            switch self {
            case .done(let role): return role
            case .unknown: throw Problem(.notFound)
            case .nameTaken: throw Problem(.roleNameTaken)
            case .invalid(let invalid): throw Problem.validation(invalid)
            case .refused(let refusal): throw refusal.problem
            }
        }
    }
}

struct CreateRoleBody: Input {
    let name: String
    let permissions: [String]

    init(_ fields: inout Fields) {
        name = fields.required("name", .roleName)
        permissions = fields.required("permissions", .list(of: .permission, 0...PermissionSet.countMax))
    }
}

struct ChangeRoleBody: Input {
    let name: String?
    let permissions: [String]?

    init(_ fields: inout Fields) {
        name = fields.optional("name", .roleName)
        permissions = fields.optional("permissions", .list(of: .permission, 0...PermissionSet.countMax))
    }
}

struct RoleAnswer: Output {
    let role: Role

    static let shape = Shape<RoleAnswer>("Role") { shape in
        shape.member("id", .id) { $0.role.id }
        shape.member("name", .text) { $0.role.name }
        shape.member("permissions", .list(of: .text)) { $0.role.permissions.permissions.map(\.description) }
        shape.member("is_built_in", .bool) { $0.role.isBuiltIn }
        shape.member("created_at", .timestamp) { $0.role.createdAt }
        shape.member("updated_at", .timestamp) { $0.role.updatedAt }
    }
}
