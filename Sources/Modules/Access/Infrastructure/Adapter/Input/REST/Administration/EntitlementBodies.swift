import AccessApplication
import AccessDomain
import AccountsContract
import HTTP
import Shared

struct EntitlementBody: Input {
    let draft: EntitlementDraft

    init(_ fields: inout Fields) {
        let plan = fields.required("plan", .planCode)
        let limits = fields.optional("limits", .limits)
        draft = EntitlementDraft(plan: plan, limits: limits?.map(\.draft), until: fields.ending())
    }
}

/// An amount that is null or absent is unlimited.
struct LimitBody: Input {
    let draft: EntitlementDraft.LimitDraft

    init(_ fields: inout Fields) {
        let amount = fields.optional("amount", .integer(Limit.amounts))
        let unit = fields.required("window", .choice(WindowUnit.allCases.map(\.rawValue)))
        let scope = fields.required("scope", .choice([PlanLimitAnswer.global, PlanLimitAnswer.service]))
        let service = fields.optional("service", .slug)
        let enforcement = fields.optional("enforcement", .choice(["hard", "soft"])) ?? ""
        let durability = fields.optional("durability", .choice(["fast", "strict"])) ?? ""
        draft = EntitlementDraft.LimitDraft(
            amount: amount, unit: WindowUnit(rawValue: unit) ?? .day, isGlobal: scope == PlanLimitAnswer.global,
            service: service, enforcement: Limit.Enforcement(rawValue: enforcement) ?? .hard,
            durability: Limit.Durability(rawValue: durability) ?? .fast)
    }
}

extension FieldType where Value == [LimitBody] {
    fileprivate static var limits: FieldType { .list(of: .object, 0...EntitlementDraft.limitsMax) }
}

struct EntitlementAnswer: Output {
    let view: EntitlementView

    static let shape = Shape<EntitlementAnswer>("Entitlement") { shape in
        shape.nullable("user_id", .id) { answer in
            if case .user(let id) = answer.view.subject { UserID(id) } else { nil }
        }
        shape.nullable("service_account_id", .id) { answer in
            if case .serviceAccount(let id) = answer.view.subject { id } else { nil }
        }
        shape.member("plan", .text) { $0.view.entitlement?.grant.plan.text ?? PlanCode.free.text }
        shape.nullable("limits", .list(of: .object)) { answer in
            answer.view.entitlement?.grant.limits?.map { PlanLimitAnswer(limit: $0) }
        }
        shape.nullable("since", .timestamp) { $0.view.entitlement?.grant.since }
        shape.nullable("until", .timestamp) { $0.view.entitlement?.grant.until }
        shape.member("is_past_due", .bool) { $0.view.entitlement?.grant.isPastDue ?? false }
        shape.member("version", .integer) { $0.view.entitlement?.version ?? 0 }
        shape.member("effective_plan", .text) { $0.view.effective.plan.text }
        shape.member("effective_limits", .list(of: .object)) { answer in
            answer.view.effective.limits.map { PlanLimitAnswer(limit: $0) }
        }
        shape.nullable("updated_at", .timestamp) { $0.view.entitlement?.updatedAt }
    }
}

struct PlanLimitAnswer: Output {
    static let global = "global"
    static let service = "service"

    let limit: Limit

    static let shape = Shape<PlanLimitAnswer>("PlanLimit") { shape in
        shape.nullable("amount", .integer) { $0.limit.amount == Limit.unlimited ? nil : Int64($0.limit.amount) }
        shape.member("window", .text) { $0.limit.unit.rawValue }
        shape.member("scope", .text) { $0.limit.scope == .global ? Self.global : Self.service }
        shape.nullable("service", .text) { answer in
            if case .service(let slug) = answer.limit.scope { slug.text } else { nil }
        }
        shape.member("enforcement", .text) { $0.limit.enforcement.rawValue }
        shape.member("durability", .text) { $0.limit.durability.rawValue }
    }
}
