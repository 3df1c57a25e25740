import AccessApplication
import AccessDomain
import AccountsContract
import HTTP
import JSON
import Shared

/// What somebody may do.
struct PermissionRoutes: Sendable {
    let check: any CheckPermission
    let gate: AdministratorGate

    private static let tag = "Permissions"

    var routes: [Route] { [checkRoute, ownRoute] }

    private var checkRoute: Route {
        Route(
            .post, "/permissions/check",
            GuardedOperation(
                "checkPermission", "Whether a user may do something now; about others than oneself with `roles:read`",
                tag: Self.tag, needs: nil,
                answers: [.json(200, PermissionAnswer.self, "Yes or no"), .problem(.permissionDenied)]),
            body: CheckPermissionBody.self, gate
        ) { _, body, administrator in
            let isOwn = administrator.isPerson && body.userID.value == administrator.userID
            guard isOwn || administrator.may(GapuraPermission.rolesRead) else {
                throw Problem(.permissionDenied, "This needs the permission \(GapuraPermission.rolesRead)")
            }
            return .json(PermissionAnswer(isAllowed: try await check(body.permission, of: body.userID)))
        }
    }

    private var ownRoute: Route {
        Route(
            .get, "/me/permissions",
            GuardedOperation(
                "readOwnPermissions", "The caller's roles and permissions; of a key, what it may do for its owner",
                tag: Self.tag, needs: nil, answers: [.json(200, OwnPermissionsAnswer.self, "What the caller may do")]),
            gate
        ) { _, administrator in .json(OwnPermissionsAnswer(administrator: administrator)) }
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
    let administrator: Administrator

    static let shape = Shape<OwnPermissionsAnswer>("OwnPermissions") { shape in
        shape.member("user_id", .id) { UserID($0.administrator.userID) }
        shape.member("caller", .text) { ($0.administrator.isPerson ? Caller.Kind.user : .key).rawValue }
        shape.member("roles", .list(of: .text)) { $0.administrator.standing.roles }
        shape.member("permissions", .list(of: .text)) {
            $0.administrator.rights.platform.permissions.map(\.description)
        }
        shape.member("plan", .text) { $0.administrator.standing.plan.plan.text }
    }

    private typealias Caller = AccessDomain.Caller
}
