import AccessApplication
import AccessDomain
import HTTP
import Shared

/// What Access holds about a person, as `GET /me/export` gives it.
struct AccessDataAnswer: Output {
    let data: AccessDataExport
    let now: Timestamp

    static let shape = Shape<AccessDataAnswer>("AccessData") { shape in
        shape.member("roles", .list(of: .text)) { $0.data.roles.map(\.name) }
        shape.member("api_keys", .list(of: .object)) { answer in
            answer.data.apiKeys.map { APIKeyAnswer(key: $0, now: answer.now) }
        }
        shape.nullable("entitlement", .object) { $0.data.entitlement.map { GrantAnswer(entitlement: $0) } }
        shape.member("usage", .list(of: .object)) { $0.data.usage.map { DailyUseAnswer(use: $0, slug: nil) } }
        shape.member("key_usage", .list(of: .object)) { $0.data.keyUses.map { KeyUseAnswer(use: $0) } }
    }
}

private struct KeyUseAnswer: Output {
    let use: KeyUse

    static let shape = Shape<KeyUseAnswer>("KeyUse") { shape in
        shape.member("api_key_id", .id) { $0.use.place.key }
        shape.member("day", .timestamp) { $0.use.place.day }
        shape.member("used", .integer) { Int64($0.use.used) }
    }
}

/// An entitlement as it was granted.
private struct GrantAnswer: Output {
    let entitlement: Entitlement

    static let shape = Shape<GrantAnswer>("EntitlementGrant") { shape in
        shape.member("plan", .text) { $0.entitlement.grant.plan.text }
        shape.nullable("limits", .list(of: .object)) { answer in
            answer.entitlement.grant.limits?.map { PlanLimitAnswer(limit: $0) }
        }
        shape.member("since", .timestamp) { $0.entitlement.grant.since }
        shape.nullable("until", .timestamp) { $0.entitlement.grant.until }
        shape.member("is_past_due", .bool) { $0.entitlement.grant.isPastDue }
        shape.member("updated_at", .timestamp) { $0.entitlement.updatedAt }
    }
}
