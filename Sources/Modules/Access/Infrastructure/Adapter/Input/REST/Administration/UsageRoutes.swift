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
            guard let own = try await usage.own(principal) else { throw Problem.invalidCredential }
            return .json(OwnUsageAnswer(usage: own))
        }
    }

    private var dailyRoute: Route {
        Route(
            list: "/usage",
            Operation(
                "readUsage",
                "What was used, by day and service, the oldest day first; of the last 30 days if no time is given. With "
                    + "`usage:read`; what a `key` has used, by day, also its owner may read",
                tag: Self.tag, answers: [.problem(.permissionDenied)]),
            needs: .personOrKey, gate: gate, cursors: cursors, reads: UsageListQuery.self
        ) { _, query, part, principal in
            switch try await usage.daily(query.usage, part, for: principal) {
            case .permissionDenied: throw Problem.needs(AccessPermission.usageRead)
            case .unknownKey: throw Problem.validation([FieldError("key", "is not the id of a key that you may see")])
            case .unknownService: throw Problem.validation([FieldError("service", "is not the slug of a service")])
            case .found(let page, let slugs):
                return page.map { use in DailyUseAnswer(use: use, slug: use.service.flatMap { slugs[$0] }) }
            }
        }
    }
}

struct UsageListQuery: ListQuery {
    let usage: UsageQuery
    let page: PageQuery

    init(_ fields: inout Fields) {
        let key: APIKeyID? = fields.optional("key", .id)
        let subject = fields.optional("subject", .usageSubject)
        let service = fields.optional("service", .serviceSlug)
        // What a key has used is kept by day alone.
        fields.atMostOne(of: "key", "subject")
        fields.atMostOne(of: "key", "service")
        usage = UsageQuery(
            subject: subject, key: key, service: service, from: fields.optional("from", .moment),
            to: fields.optional("to", .moment))
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
    /// `user:<id>`, `tenant:<id>`, `service_account:<id>`, or the bare id of a user.
    fileprivate static var usageSubject: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string",
                "pattern": "^((user|tenant|service_account):)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                "examples": ["user:01a1fe61-f452-7000-bb7f-ab8f35d7ad7e"],
            ]
        }
        let problem: FieldMessage = "must be user:, tenant: or service_account: and an identifier"
        return FieldType(schema: schema(), placeholder: .user(Identifier(high: 0, low: 0))) { value in
            let parts = (value.text ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let kind = parts.count == 2 ? parts[0] : "user"
            guard let id = parts.last.flatMap({ Identifier($0) }) else { return .failure(problem) }
            return switch kind {
            case "user": .success(.user(id))
            case "tenant": .success(.tenant(TenantID(id)))
            case "service_account": .success(.serviceAccount(ServiceAccountID(id)))
            default: .failure(problem)
            }
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
    /// Nil for a service that is gone, and for all of them together.
    let slug: ServiceSlug?

    static let shape = Shape<DailyUseAnswer>("DailyUse") { shape in
        shape.member("day", .timestamp) { $0.use.day }
        shape.nullable("service_id", .id) { $0.use.service }
        shape.nullable("service", .text) { $0.slug?.text }
        shape.member("used", .integer) { Int64($0.use.used) }
    }
}
