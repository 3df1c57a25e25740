import Authorization
import Composition
import Configuration
import HTTP
import JSON
import Pages
import Shared

/// The routes of an installation behind its middleware.
struct WebApplication: Sendable {
    let routes: [Route]
    let document: OpenAPIDocument
    let router: Router
    /// For operators only.
    let adminRouter: Router
    let readiness: Readiness

    /// - Throws: `TemplateError` if the page of the documentation cannot be made, as from an operator's own template.
    init(_ installation: Installation) throws {
        let settings = installation.settings
        readiness = Readiness(
            database: installation.database, commits: installation.commits, clock: installation.clock,
            isCurrent: { [modules = installation.modules] now in modules.allSatisfy { $0.isCurrent(now) } })
        let system = SystemRoutes(
            readiness: readiness, metrics: installation.metrics, shared: installation.shared,
            dependencies: { [modules = installation.modules] in
                modules.reduce(into: [:]) { all, module in all.merge(module.health()) { first, _ in first } }
            }, logger: installation.logger)
        let figures = settings.adminServer == nil ? system.figures : []
        var routes =
            installation.routes
            + (SystemRoutes.staticFiles + system.health + figures).map { $0.described(by: .system) }
        // The document and its page are among the routes that they tell.
        let placeholder = Response(status: 200)
        let own = [SystemRoutes.openAPI(placeholder), DocumentationPage.route(PageOnDemand { placeholder })]
        document = OpenAPIDocument(
            title: settings.appName, version: Version.current, server: settings.appURL,
            routes: routes + own.map { $0.described(by: .system) }, words: .common)
        let page = PageOnDemand { [document, templates = installation.templates] in
            try DocumentationPage(document.reference).response(templates)
        }
        // With templates of the operator's the start shows whether the page can be made of them.
        if settings.templatesDirectory != nil { _ = try page.response }
        routes += [SystemRoutes.openAPI(.json(document.json.serialized)), DocumentationPage.route(page)]
        self.routes = routes
        router = Self.router(routes, installation)
        adminRouter = Self.router(system.health + system.figures, installation)
    }

    private static func router(_ routes: [Route], _ installation: Installation) -> Router {
        let settings = installation.settings
        let logger = installation.logger
        let security = SecurityHeaders(isHTTPS: settings.appURL.hasPrefix("https://"))
        let identifiers = installation.identifiers
        let failures = FailureMapping(logger: logger) { [pages = installation.pages] problem, request in
            if problem.kind == .unauthenticated { return pages.signInAgain(request) }
            if problem.kind == .stepUpRequired { return pages.proveAgain(request) }
            return try pages.show(problem, to: request)
        }
        return Router(
            routes: routes,
            middleware: [
                RequestIdentity(identifiers: identifiers),
                Observation(routes: routes, metrics: installation.metrics, logger: logger),
                security,
                CrossOrigin(policy: installation.origins),
                ClientAddress(trustedProxies: settings.trustedProxies, clock: installation.clock, logger: logger),
                failures,
                DevelopmentSurface(ownHost: WebOrigin(text: settings.appURL)?.host ?? "localhost"),
            ],
            refusal: { problem in
                let id = identifiers.next().description
                var response = problem.response(requestID: id)
                response.add("X-Request-Id", id)
                security.apply(to: &response)
                return response
            })
    }
}
