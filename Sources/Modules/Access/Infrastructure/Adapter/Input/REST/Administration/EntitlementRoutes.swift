import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Shared

/// What people and service accounts may use by a plan, set by hand.
struct EntitlementRoutes: Sendable {
    let entitlements: ManageEntitlementsService
    let gate: any Gate

    private static let tag = "Entitlements"

    /// Those that may have a plan, where they are.
    private struct Subject {
        let path: PathTemplate
        /// As it is in the names of operations.
        let name: String
        /// As people call it.
        let title: String
        let make: @Sendable (Identifier) -> EntitlementSubject
    }

    private static let user = Subject(path: "/users/{id}/entitlement", name: "", title: "user") { .user($0) }
    private static let serviceAccount = Subject(
        path: "/service-accounts/{id}/entitlement", name: "ServiceAccount", title: "service account"
    ) { .serviceAccount(ServiceAccountID($0)) }

    var routes: [Route] {
        [Self.user, Self.serviceAccount].flatMap { [readRoute($0), setRoute($0), removeRoute($0)] }
    }

    private func readRoute(_ subject: Subject) -> Route {
        Route(
            .get, subject.path,
            Operation(
                "read\(subject.name)Entitlement", "The plan of a \(subject.title): what was given, and what counts now",
                tag: Self.tag,
                answers: [.json(200, EntitlementAnswer.self, "The entitlement"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsRead), gate: gate
        ) { request, _ in
            let id: UserID = try request.pathID()
            guard let view = try await entitlements.find(subject.make(id.value)) else { throw Problem(.notFound) }
            return .json(EntitlementAnswer(view: view))
        }
    }

    private func setRoute(_ subject: Subject) -> Route {
        Route(
            .put, subject.path,
            Operation(
                "set\(subject.name)Entitlement", "Give a \(subject.title) a plan, which counts for the next request",
                tag: Self.tag,
                answers: [.json(200, EntitlementAnswer.self, "The entitlement"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsWrite), gate: gate, reads: .body(EntitlementBody.self)
        ) { request, body, principal in
            let id: UserID = try request.pathID()
            let command = SetEntitlementCommand(
                subject: subject.make(id.value), draft: body.draft, principal: principal)
            return .json(EntitlementAnswer(view: try await entitlements.set(command).view))
        }
    }

    private func removeRoute(_ subject: Subject) -> Route {
        Route(
            .delete, subject.path,
            Operation(
                "remove\(subject.name)Entitlement", "Bring a \(subject.title) back to `free`", tag: Self.tag,
                answers: [.empty(204, "It has `free`"), .problem(.notFound)]),
            needs: .permission(AccessPermission.entitlementsWrite), gate: gate
        ) { request, principal in
            let id: UserID = try request.pathID()
            _ = try await entitlements.remove(subject.make(id.value), by: principal).view
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
            case .unknownSubject: throw Problem(.notFound)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }
}
