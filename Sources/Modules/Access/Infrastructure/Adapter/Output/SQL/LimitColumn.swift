import AccessDomain
import JSON
import Shared

/// The limits of a contract as one column:
/// `[{"amount": 1000, "unit": "day", "service": null, "each_service": false, "soft": false, "strict": true}]`; an
/// amount of null is none.
enum LimitColumn {
    static func json(_ limits: [Limit]) -> String {
        let list = limits.map { limit -> JSONValue in
            let service: String? = if case .service(let slug) = limit.scope { slug.text } else { nil }
            return [
                "amount": limit.amount == Limit.unlimited ? .null : .integer(Int64(limit.amount)),
                "unit": .string(limit.unit.rawValue),
                "service": service.map { .string($0) } ?? .null,
                "each_service": .bool(limit.scope == .eachService),
                "soft": .bool(limit.enforcement == .soft),
                "strict": .bool(limit.durability == .strict),
            ]
        }
        return String(decoding: JSONValue.array(list).serialized, as: UTF8.self)
    }

    static func limits(_ json: String) throws -> [Limit] { try AccessColumns.elements(json).map(limit) }

    private static func limit(_ value: JSONValue) throws -> Limit {
        guard let unit = value["unit"]?.text.flatMap(WindowUnit.init) else {
            throw InternalFailure("a stored limit is none")
        }
        return Limit(
            value["amount"]?.integer.map { Int($0) } ?? Limit.unlimited, per: unit, scope: try scope(value),
            enforcement: value["soft"]?.flag == true ? .soft : .hard,
            durability: value["strict"]?.flag == true ? .strict : .fast)
    }

    private static func scope(_ value: JSONValue) throws -> Limit.Scope {
        guard let text = value["service"]?.text else {
            return value["each_service"]?.flag == true ? .eachService : .global
        }
        guard let slug = ServiceSlug(text) else { throw InternalFailure("a stored limit's service is none") }
        return .service(slug)
    }
}
