import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import JSON
import Shared

/// What somebody may do.
struct PermissionRoutes: Sendable {
    let check: CheckPermissionService
    let readOwn: ReadOwnRightsService
    let registry: PermissionRegistry
    let gate: any Gate

    private static let tag = "Permissions"

    var routes: [Route] { [checkRoute, ownRoute] }

    private var checkRoute: Route {
        Route(
            .post, "/permissions/check",
            Operation(
                "checkPermission", "Whether a user may do something now; about others than oneself with `roles:read`",
                tag: Self.tag, answers: [.json(200, PermissionAnswer.self, "Yes or no"), .problem(.permissionDenied)]),
            needs: .personOrKey, gate: gate, reads: .body(CheckPermissionBody.self)
        ) { _, body, principal in
            let isOwn = principal.isPerson && body.userID.value == principal.userID
            guard isOwn || principal.may(AccessPermission.rolesRead) else {
                throw Problem.needs(AccessPermission.rolesRead)
            }
            return .json(PermissionAnswer(isAllowed: try await check(body.permission, of: body.userID)))
        }
    }

    private var ownRoute: Route {
        Route(
            .get, "/me/permissions",
            Operation(
                "readOwnPermissions", "The caller's roles and permissions; of a key, what it may do for its owner",
                tag: Self.tag, answers: [.json(200, OwnPermissionsAnswer.self, "What the caller may do")]),
            needs: .personOrKey, gate: gate
        ) { _, principal in
            guard let own = try await readOwn(principal) else { throw Problem.invalidCredential }
            return .json(OwnPermissionsAnswer(principal: principal, own: own, registry: registry))
        }
    }
}

struct CheckPermissionBody: Input {
    let userID: UserID
    let permission: Permission

    init(_ fields: inout Fields) {
        userID = fields.required("user_id", .id)
        permission = fields.required("permission", .permissionValue)
    }
}

extension FieldType where Value == Permission {
    fileprivate static var permissionValue: FieldType {
        FieldType(schema: FieldType<String>.permission.schema, placeholder: .any) { value in
            value.text.flatMap { Permission($0) }.map { .success($0) }
                ?? .failure("must be resource:action, such as documents:read")
        }
    }
}

struct PermissionAnswer: Output {
    let isAllowed: Bool

    static let shape = Shape<PermissionAnswer>("PermissionCheck") { shape in
        shape.member("allowed", .bool) { $0.isAllowed }
    }
}

struct OwnPermissionsAnswer: Output {
    let principal: Principal
    let own: OwnRights
    let registry: PermissionRegistry

    private var isKey: Bool { !principal.isPerson }

    private var permissions: PermissionSet {
        isKey ? registry.forKeys(principal.permissions) : principal.permissions
    }

    private var exceptions: [Permission] { isKey ? registry.exceptions(in: permissions) : [] }

    private var kind: Caller.Kind {
        if principal.isServiceAccount { return .serviceAccount }
        return principal.isPerson ? .user : .key
    }

    static let shape = Shape<OwnPermissionsAnswer>("OwnPermissions") { shape in
        shape.nullable("user_id", .id) { $0.principal.isServiceAccount ? nil : UserID($0.principal.userID) }
        shape.nullable("service_account_id", .id) { answer in
            answer.principal.isServiceAccount ? ServiceAccountID(answer.principal.userID) : nil
        }
        shape.member("caller", .text) { $0.kind.rawValue }
        shape.member("roles", .list(of: .text)) { $0.own.roles }
        shape.member("permissions", .list(of: .text)) { $0.permissions.permissions.map(\.description) }
        shape.member("except", .list(of: .text)) { $0.exceptions.map(\.description) }
        shape.member("plan", .text) { $0.own.plan.text }
    }
}
