import AccessApplication
import AccessDomain
import HTTP
import Shared

struct CreateServiceBody: Input {
    let draft: ServiceDraft

    init(_ fields: inout Fields) {
        var draft = ServiceDraft(
            slug: fields.required("slug", .slug), name: fields.required("name", .displayName),
            audience: fields.required("audience", .audience), upstream: fields.required("upstream", .upstream))
        draft.requiredPermission = fields.optional("required_permission", .permission)
        draft.routes = fields.optional("routes", .serviceRoutes)?.map(\.route) ?? []
        draft.allowAnonymous = fields.optional("allow_anonymous", .flag) ?? false
        draft.passCredentials = fields.optional("pass_credentials", .flag) ?? false
        draft.wantsEmail = fields.optional("wants_email", .flag) ?? false
        draft.browserSignIn = fields.optional("browser_sign_in", .flag) ?? true
        draft.plans = fields.optional("plans", .list(of: .planCode, 0...ServiceDraft.plansMax)) ?? []
        self.draft = draft
    }
}

struct ChangeServiceBody: Input {
    let changes: ServiceChanges

    init(_ fields: inout Fields) {
        var changes = ServiceChanges()
        changes.name = fields.optional("name", .displayName)
        changes.audience = fields.optional("audience", .audience)
        changes.upstream = fields.optional("upstream", .upstream)
        changes.requiredPermission = fields.change("required_permission", .permission)
        changes.routes = fields.optional("routes", .serviceRoutes)?.map(\.route)
        changes.allowAnonymous = fields.optional("allow_anonymous", .flag)
        changes.passCredentials = fields.optional("pass_credentials", .flag)
        changes.wantsEmail = fields.optional("wants_email", .flag)
        changes.browserSignIn = fields.optional("browser_sign_in", .flag)
        changes.plans = fields.optional("plans", .list(of: .planCode, 0...ServiceDraft.plansMax))
        self.changes = changes
    }
}

struct ServiceRouteBody: Input {
    let route: ServiceDraft.Route

    init(_ fields: inout Fields) {
        route = ServiceDraft.Route(
            method: fields.optional("method", .choice(RequestMethod.allCases.compactMap(\.name))),
            path: fields.required("path", .routePath), permission: fields.optional("permission", .permission),
            cost: fields.optional("cost", .integer(RouteRule.costs)) ?? 1)
    }
}

extension FieldType where Value == [ServiceRouteBody] {
    fileprivate static var serviceRoutes: FieldType { .list(of: .object, 0...ServiceDraft.routesMax) }
}

struct ServiceAnswer: Output {
    let service: RegisteredService

    static let shape = Shape<ServiceAnswer>("Service") { shape in
        shape.member("id", .id) { $0.service.id }
        shape.member("slug", .text) { $0.service.slug.text }
        shape.member("name", .text) { $0.service.rules.name }
        shape.member("audience", .text) { $0.service.rules.audience }
        shape.member("upstream", .text) { $0.service.rules.upstream }
        shape.nullable("required_permission", .text) { $0.service.rules.requiredPermission?.description }
        shape.member("routes", .list(of: .object)) { $0.service.rules.routes.map { ServiceRouteAnswer(route: $0) } }
        shape.member("allow_anonymous", .bool) { $0.service.rules.allowAnonymous }
        shape.member("pass_credentials", .bool) { $0.service.rules.passCredentials }
        shape.member("wants_email", .bool) { $0.service.rules.wantsEmail }
        shape.member("browser_sign_in", .bool) { $0.service.rules.browserSignIn }
        shape.member("plans", .list(of: .text)) { $0.service.rules.plans.map(\.text) }
        shape.member("is_active", .bool) { $0.service.isActive }
        shape.member("created_at", .timestamp) { $0.service.createdAt }
        shape.member("updated_at", .timestamp) { $0.service.updatedAt }
    }
}

struct ServiceRouteAnswer: Output {
    let route: RouteRule

    static let shape = Shape<ServiceRouteAnswer>("ServiceRoute") { shape in
        shape.nullable("method", .text) { $0.route.method?.name }
        shape.member("path", .text) { $0.route.spelledPath }
        shape.nullable("permission", .text) { $0.route.permission?.description }
        shape.member("cost", .integer) { Int64($0.route.cost) }
    }
}
