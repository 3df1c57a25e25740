import AccessApplication
import AccessContract
import AccessDomain
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// The services behind the gate.
struct ServiceRoutes: Sendable {
    let services: ManageServicesService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors

    private static let tag = "Services"

    var routes: [Route] {
        [
            listRoute, createRoute, readRoute, changeRoute, activityRoute("activate", isActive: true),
            activityRoute("deactivate", isActive: false), deleteRoute,
        ]
    }

    private var listRoute: Route {
        Route(
            list: "/services",
            Operation("listServices", "The services by slug", tag: Self.tag),
            needs: .permission(AccessPermission.servicesRead), gate: gate, cursors: cursors, reads: PageQuery.self
        ) { _, _, part, _ in
            Page(of: try await services.list().map { ServiceAnswer(service: $0) }, part) {
                ByName($0.service.slug.text)
            }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/services",
            Operation(
                "createService", "Register a service; its slug never changes, and its audience is its own",
                tag: Self.tag,
                answers: [
                    .json(201, ServiceAnswer.self, "The service"), .problem(.slugTaken), .problem(.audienceTaken),
                ]),
            needs: .permission(AccessPermission.servicesWrite), gate: gate, once: idempotency,
            reads: .body(CreateServiceBody.self)
        ) { body, principal, id in
            let service = try await services.create(ServiceID(id), body.draft, by: principal).service
            return .created(ServiceAnswer(service: service), at: "/services/\(service.slug)")
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/services/{slug}",
            Operation(
                "readService", "A service", tag: Self.tag,
                answers: [.json(200, ServiceAnswer.self, "The service"), .problem(.notFound)]),
            needs: .permission(AccessPermission.servicesRead), gate: gate
        ) { request, _ in
            guard let service = try await services.find(try request.slug) else { throw Problem(.notFound) }
            return .json(ServiceAnswer(service: service))
        }
    }

    private var changeRoute: Route {
        Route(
            .patch, "/services/{slug}",
            Operation(
                "changeService",
                "Change a service, everywhere within a second; what is absent stays. It takes every permission that "
                    + "the service asks for", tag: Self.tag,
                answers: [
                    .json(200, ServiceAnswer.self, "The service"), .problem(.notFound), .problem(.audienceTaken),
                ]),
            needs: .permission(AccessPermission.servicesWrite), gate: gate, reads: .body(ChangeServiceBody.self)
        ) { request, body, principal in
            let outcome = try await services.change(try request.slug, body.changes, by: principal)
            return .json(ServiceAnswer(service: try outcome.service))
        }
    }

    private func activityRoute(_ verb: String, isActive: Bool) -> Route {
        Route(
            .post, PathTemplate(stringLiteral: "/services/{slug}/\(verb)"),
            Operation(
                "\(verb)Service",
                isActive ? "Open a service again" : "Close a service: to the gate it is as unknown", tag: Self.tag,
                answers: [.json(200, ServiceAnswer.self, "The service"), .problem(.notFound)]),
            needs: .permission(AccessPermission.servicesWrite), gate: gate
        ) { request, principal in
            let outcome = try await services.setActive(isActive, try request.slug, by: principal)
            return .json(ServiceAnswer(service: try outcome.service))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/services/{slug}",
            Operation(
                "deleteService", "Remove a service, and what keys, roles and limits say of it", tag: Self.tag,
                answers: [.empty(204, "The service is gone"), .problem(.notFound)]),
            needs: .permission(AccessPermission.servicesWrite), gate: gate
        ) { request, principal in
            _ = try await services.delete(try request.slug, by: principal).service
            return .noContent()
        }
    }
}

extension Request {
    fileprivate var slug: ServiceSlug {
        get throws(Problem) {
            guard let slug = pathValues.first.flatMap({ ServiceSlug($0) }) else { throw Problem(.notFound) }
            return slug
        }
    }
}

extension ServiceOutcome {
    /// - Throws: a problem for every other outcome.
    fileprivate var service: RegisteredService {
        get throws(Problem) {
            switch self {
            case .done(let service): return service
            case .unknown: throw Problem(.notFound)
            case .slugTaken: throw Problem(.slugTaken)
            case .audienceTaken: throw Problem(.audienceTaken)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }
}
