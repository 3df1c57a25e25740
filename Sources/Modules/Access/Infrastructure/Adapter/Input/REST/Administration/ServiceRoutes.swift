import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Idempotency
import Shared

/// The services behind the gate.
struct ServiceRoutes: Sendable {
    let services: any ManageServices
    let gate: AdministratorGate
    let idempotency: IdempotencyKeys

    private static let tag = "Services"

    var routes: [Route] {
        [
            listRoute, createRoute, readRoute, changeRoute, activityRoute("activate", isActive: true),
            activityRoute("deactivate", isActive: false), deleteRoute,
        ]
    }

    private var listRoute: Route {
        Route(
            .get, "/services",
            GuardedOperation(
                "listServices", "The services by slug", tag: Self.tag, needs: GapuraPermission.servicesRead,
                answers: [.json(200, PageOutput<ServiceAnswer>.self, "A part of the list")]),
            query: PageQuery.self, gate
        ) { _, query, _ in
            let answers = try await services.list().map { ServiceAnswer(service: $0) }
            return .json(PageOutput(Page(of: answers, query.page) { $0.service.slug.text }))
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/services",
            GuardedOperation(
                "createService", "Register a service; its slug never changes", tag: Self.tag,
                needs: GapuraPermission.servicesWrite,
                answers: [.json(201, ServiceAnswer.self, "The service"), .problem(.slugTaken)]),
            once: idempotency, body: CreateServiceBody.self, gate
        ) { body, administrator, id in
            let service = try await services.create(ServiceID(id), body.draft, by: administrator).service
            return .created(ServiceAnswer(service: service), at: "/services/\(service.slug)")
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/services/{slug}",
            GuardedOperation(
                "readService", "A service", tag: Self.tag, needs: GapuraPermission.servicesRead,
                answers: [.json(200, ServiceAnswer.self, "The service"), .problem(.notFound)]),
            gate
        ) { request, _ in
            guard let service = try await services.find(try request.slug) else { throw Problem(.notFound) }
            return .json(ServiceAnswer(service: service))
        }
    }

    private var changeRoute: Route {
        Route(
            .patch, "/services/{slug}",
            GuardedOperation(
                "changeService", "Change a service, everywhere within a second; what is absent stays", tag: Self.tag,
                needs: GapuraPermission.servicesWrite,
                answers: [.json(200, ServiceAnswer.self, "The service"), .problem(.notFound)]),
            body: ChangeServiceBody.self, gate
        ) { request, body, administrator in
            let outcome = try await services.change(try request.slug, body.changes, by: administrator)
            return .json(ServiceAnswer(service: try outcome.service))
        }
    }

    private func activityRoute(_ verb: String, isActive: Bool) -> Route {
        Route(
            .post, PathTemplate(stringLiteral: "/services/{slug}/\(verb)"),
            GuardedOperation(
                "\(verb)Service",
                isActive ? "Open a service again" : "Close a service: to the gate it is as unknown", tag: Self.tag,
                needs: GapuraPermission.servicesWrite,
                answers: [.json(200, ServiceAnswer.self, "The service"), .problem(.notFound)]),
            gate
        ) { request, administrator in
            let outcome = try await services.setActive(isActive, try request.slug, by: administrator)
            return .json(ServiceAnswer(service: try outcome.service))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/services/{slug}",
            GuardedOperation(
                "deleteService", "Remove a service", tag: Self.tag, needs: GapuraPermission.servicesWrite,
                answers: [.empty(204, "The service is gone"), .problem(.notFound)]),
            gate
        ) { request, administrator in
            _ = try await services.delete(try request.slug, by: administrator).service
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
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }
}
