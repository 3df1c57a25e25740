import AccessApplication
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Shared

/// What people may use by a plan, set by hand.
struct EntitlementRoutes: Sendable {
    let entitlements: ManageEntitlementsService
    let gate: any Gate

    private static let tag = "Entitlements"

    var routes: [Route] { [readRoute, setRoute, removeRoute] }

    private var readRoute: Route {
        Route(
            .get, "/users/{id}/entitlement",
            Operation(
                "readEntitlement", "A user's plan: what was given, and what counts now", tag: Self.tag,
                answers: [.json(200, EntitlementAnswer.self, "The entitlement"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsRead), gate: gate
        ) { request, _ in
            guard let view = try await entitlements.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(EntitlementAnswer(view: view))
        }
    }

    private var setRoute: Route {
        Route(
            .put, "/users/{id}/entitlement",
            Operation(
                "setEntitlement", "Give a user a plan, which counts for the next request", tag: Self.tag,
                answers: [.json(200, EntitlementAnswer.self, "The entitlement"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsWrite), gate: gate, reads: .body(EntitlementBody.self)
        ) { request, body, principal in
            let command = SetEntitlementCommand(
                userID: try request.pathID(), draft: body.draft, principal: principal)
            return .json(EntitlementAnswer(view: try await entitlements.set(command).view))
        }
    }

    private var removeRoute: Route {
        Route(
            .delete, "/users/{id}/entitlement",
            Operation(
                "removeEntitlement", "Bring a user back to `free`", tag: Self.tag,
                answers: [.empty(204, "The user has `free`"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsWrite), gate: gate
        ) { request, principal in
            _ = try await entitlements.remove(try request.pathID(), by: principal).view
            return .noContent()
        }
    }
}

extension SetEntitlementOutcome {
    /// - Throws: a problem for every other outcome.
    fileprivate var view: EntitlementView {
        get throws(Problem) {
            switch self {
            case .set(let view): return view
            case .unknownUser: throw Problem(.notFound)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }
}
