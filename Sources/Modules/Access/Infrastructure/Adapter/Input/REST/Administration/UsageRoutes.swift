import AccessApplication
import AccessContract
import AccessDomain
import Authorization
import HTTP
import JSON
import Lists
import Shared

/// What was used.
struct UsageRoutes: Sendable {
    let usage: ReadUsageService
    let gate: any Gate
    let cursors: ListCursors

    private static let tag = "Usage"

    var routes: [Route] { [ownRoute, dailyRoute] }

    private var ownRoute: Route {
        Route(
            .get, "/usage/me",
            Operation(
                "readOwnUsage", "What the caller has used and has left, in the windows that are open", tag: Self.tag,
                answers: [.json(200, OwnUsageAnswer.self, "The caller's usage")]),
            needs: .personOrKey, gate: gate
        ) { _, principal in
            guard let own = try await usage.own(principal.userID) else { throw Problem.invalidCredential }
            return .json(OwnUsageAnswer(usage: own))
        }
    }

    private var dailyRoute: Route {
        Route(
            list: "/usage",
            Operation(
                "readUsage",
                "What was used, by day and service, the oldest day first; of the last 30 days if no time is given",
                tag: Self.tag),
            needs: .permission(AccessPermission.usageRead), gate: gate, cursors: cursors, reads: UsageListQuery.self
        ) { _, query, part, _ in
            switch try await usage.daily(query.usage, part) {
            case .unknownService: throw Problem.validation([FieldError("service", "is not the slug of a service")])
            case .found(let page, let slugs):
                return page.map { DailyUseAnswer(use: $0, slug: slugs[$0.service]) }
            }
        }
    }
}

struct UsageListQuery: ListQuery {
    let usage: UsageQuery
    let page: PageQuery

    init(_ fields: inout Fields) {
        usage = UsageQuery(
            subject: fields.optional("subject", .usageSubject),
            service: fields.optional("service", .serviceSlug),
            from: fields.optional("from", .moment), to: fields.optional("to", .moment))
        page = PageQuery(&fields)
    }
}

extension FieldType where Value == ServiceSlug {
    fileprivate static var serviceSlug: FieldType {
        let text = FieldType<String>.slug
        guard let placeholder = ServiceSlug(text.placeholder) else { preconditionFailure("the example is a slug") }
        return FieldType(schema: text.schema, placeholder: placeholder) { value in
            value.text.flatMap { ServiceSlug($0) }.map { .success($0) } ?? .failure("is not the slug of a service")
        }
    }
}

extension FieldType where Value == MeterSubject {
    /// `user:<id>`, `tenant:<id>`, or the bare id of a user.
    fileprivate static var usageSubject: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "pattern": "^((user|tenant):)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                "examples": ["user:01a1fe61-f452-7000-bb7f-ab8f35d7ad7e"],
            ]
        }
        return FieldType(schema: schema(), placeholder: .user(Identifier(high: 0, low: 0))) { value in
            let parts = (value.text ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let id = parts.last.flatMap({ Identifier($0) }), parts.count == 1 || parts[0] == "user" else {
                guard parts.count == 2, parts[0] == "tenant", let tenant = TenantID(text: parts[1]) else {
                    return .failure("must be user: or tenant: and an identifier")
                }
                return .success(.tenant(tenant))
            }
            return .success(.user(id))
        }
    }
}

struct OwnUsageAnswer: Output {
    let usage: OwnUsage

    static let shape = Shape<OwnUsageAnswer>("OwnUsage") { shape in
        shape.member("plan", .text) { $0.usage.plan.text }
        shape.member("windows", .list(of: .object)) { $0.usage.uses.map { QuotaUseAnswer(use: $0) } }
    }
}

struct QuotaUseAnswer: Output {
    let use: QuotaUse

    static let shape = Shape<QuotaUseAnswer>("QuotaUse") { shape in
        shape.nullable("service", .text) { $0.use.service?.text }
        shape.member("window", .text) { $0.use.unit.rawValue }
        shape.member("window_start", .timestamp) { $0.use.window.start }
        shape.member("window_end", .timestamp) { $0.use.window.end }
        shape.member("used", .integer) { Int64($0.use.used) }
        shape.member("reserved", .integer) { Int64($0.use.reserved) }
        shape.nullable("limit", .integer) { $0.use.limit.map { Int64($0) } }
        shape.nullable("remaining", .integer) { $0.use.remaining.map { Int64($0) } }
    }
}

struct DailyUseAnswer: Output {
    let use: DailyUse
    /// Nil for a service that is gone.
    let slug: ServiceSlug?

    static let shape = Shape<DailyUseAnswer>("DailyUse") { shape in
        shape.member("day", .timestamp) { $0.use.day }
        shape.member("service_id", .id) { $0.use.service }
        shape.nullable("service", .text) { $0.slug?.text }
        shape.member("used", .integer) { Int64($0.use.used) }
    }
}
