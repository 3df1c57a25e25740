import AccessApplication
import AccessContract
import AccessDomain
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// Callers of their own that are no person.
struct ServiceAccountRoutes: Sendable {
    let accounts: ManageServiceAccountsService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors

    private static let tag = "Service accounts"

    var routes: [Route] { [listRoute, createRoute, readRoute, changeRoute, deleteRoute] }

    private var listRoute: Route {
        Route(
            list: "/service-accounts",
            Operation("listServiceAccounts", "The service accounts, the newest first", tag: Self.tag),
            needs: .permission(AccessPermission.serviceAccountsRead), gate: gate, cursors: cursors,
            reads: PageQuery.self
        ) { _, _, part, _ in
            try await accounts.list(part).map { ServiceAccountAnswer(view: $0) }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/service-accounts",
            Operation(
                "createServiceAccount",
                "Create a service account: a caller that is no person, with roles whose permissions the caller has. "
                    + "Its keys are made with `POST /api-keys`",
                tag: Self.tag, answers: [.json(201, ServiceAccountAnswer.self, "The service account")]),
            needs: .permission(AccessPermission.serviceAccountsWrite), gate: gate, once: idempotency,
            reads: .body(CreateServiceAccountBody.self)
        ) { body, principal, id in
            let command = CreateServiceAccountCommand(
                id: ServiceAccountID(id), name: body.name, roles: body.roles, principal: principal)
            let view = try await accounts.create(command).view
            return .created(ServiceAccountAnswer(view: view), at: "/service-accounts/\(view.account.id)")
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/service-accounts/{id}",
            Operation(
                "readServiceAccount", "A service account", tag: Self.tag,
                answers: [.json(200, ServiceAccountAnswer.self, "The service account"), .problem(.notFound)]),
            needs: .permission(AccessPermission.serviceAccountsRead), gate: gate
        ) { request, _ in
            guard let view = try await accounts.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(ServiceAccountAnswer(view: view))
        }
    }

    private var changeRoute: Route {
        Route(
            .patch, "/service-accounts/{id}",
            Operation(
                "changeServiceAccount",
                "Give a service account another name or other roles, or switch it off or on (`is_active`), everywhere "
                    + "within a second; what is absent stays. It takes all that the account may do and will be able to do",
                tag: Self.tag,
                answers: [.json(200, ServiceAccountAnswer.self, "The service account"), .problem(.notFound)]),
            needs: .permission(AccessPermission.serviceAccountsWrite), gate: gate,
            reads: .body(ChangeServiceAccountBody.self)
        ) { request, body, principal in
            let command = ChangeServiceAccountCommand(
                id: try request.pathID(), name: body.name, roles: body.roles, isActive: body.isActive,
                principal: principal)
            return .json(ServiceAccountAnswer(view: try await accounts.change(command).view))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/service-accounts/{id}",
            Operation(
                "deleteServiceAccount",
                "Delete a service account with its plan, and revoke its keys, everywhere within a second",
                tag: Self.tag, answers: [.empty(204, "The service account is gone"), .problem(.notFound)]),
            needs: .permission(AccessPermission.serviceAccountsWrite), gate: gate
        ) { request, principal in
            _ = try await accounts.delete(try request.pathID(), by: principal).view
            return .noContent()
        }
    }
}

extension ServiceAccountOutcome {
    /// - Throws: a problem for every other outcome.
    fileprivate var view: ServiceAccountView {
        get throws(Problem) {
            switch self {
            case .done(let view): return view
            case .unknown: throw Problem(.notFound)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }
}

struct CreateServiceAccountBody: Input {
    let name: String
    let roles: [String]

    init(_ fields: inout Fields) {
        name = fields.required("name", .displayName)
        roles = fields.optional("roles", .list(of: .roleName, 0...ServiceAccount.rolesMax)) ?? []
    }
}

struct ChangeServiceAccountBody: Input {
    let name: String?
    let roles: [String]?
    let isActive: Bool?

    init(_ fields: inout Fields) {
        name = fields.optional("name", .displayName)
        roles = fields.optional("roles", .list(of: .roleName, 0...ServiceAccount.rolesMax))
        isActive = fields.optional("is_active", .flag)
    }
}

struct ServiceAccountAnswer: Output {
    let view: ServiceAccountView

    static let shape = Shape<ServiceAccountAnswer>("ServiceAccount") { shape in
        shape.member("id", .id) { $0.view.account.id }
        shape.member("name", .text) { $0.view.account.name }
        shape.nullable("tenant_id", .id) { $0.view.account.tenantID }
        shape.member("roles", .list(of: .text)) { $0.view.roles.map(\.name) }
        shape.member("is_active", .bool) { $0.view.account.isActive }
        shape.member("created_at", .timestamp) { $0.view.account.createdAt }
        shape.member("updated_at", .timestamp) { $0.view.account.updatedAt }
    }
}
