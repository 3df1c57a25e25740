import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import JSON
import Shared

/// A decision as services read it.
struct DecisionAnswer: Output {
    let answer: AccessAnswer

    private var decision: Decision { answer.decision }

    static let shape = Shape<DecisionAnswer>("AccessDecision") { shape in
        shape.member("id", .text) { $0.answer.reference }
        shape.member("allowed", .bool) { $0.decision.isAllowed }
        shape.nullable("reason", .denialReason) { $0.decision.denial }
        shape.member("status", .integer) { Int64($0.decision.status) }
        shape.nullable("retry_after", .integer) { $0.decision.retryAfter.map { Int64($0) } }
        shape.nullable("caller", .object) { $0.decision.caller.map(CallerAnswer.init) }
        shape.nullable("email", .email) { $0.answer.email }
        shape.nullable("limit", .object) { answer in
            answer.decision.binding.map { LimitAnswer(limit: $0, now: answer.decision.decidedAt) }
        }
        shape.nullable("missing_permission", .text) { $0.answer.refusal?.missing?.description }
        shape.nullable("missing_service", .text) { $0.answer.serviceNotListed?.text }
        shape.member("plans", .list(of: .text)) { $0.answer.plansWanted.map(\.text) }
        shape.member("exceeds_soft_limit", .bool) { $0.decision.exceedsSoftLimit }
        shape.member("degraded", .bool) { $0.decision.isDegraded }
        shape.member("decided_at", .timestamp) { $0.decision.decidedAt }
    }
}

struct CallerAnswer: Output {
    let caller: Caller

    static let shape = Shape<CallerAnswer>("AccessCaller") { shape in
        shape.member("kind", .callerKind) { $0.caller.kind }
        shape.nullable("user_id", .identifier) { $0.caller.userID }
        shape.nullable("service_account_id", .id) { $0.caller.serviceAccountID }
        shape.nullable("tenant_id", .id) { $0.caller.tenantID }
        shape.member("roles", .list(of: .text)) { $0.caller.roles }
        shape.member("plan", .text) { $0.caller.plan.text }
    }
}

struct LimitAnswer: Output {
    let limit: BindingLimit
    let now: Timestamp

    static let shape = Shape<LimitAnswer>("AccessLimit") { shape in
        shape.member("policy", .text) { $0.limit.policy }
        shape.member("limit", .integer) { Int64($0.limit.limit) }
        shape.member("used", .integer) { Int64($0.limit.used) }
        shape.member("remaining", .integer) { Int64($0.limit.remaining) }
        shape.member("resets_at", .timestamp) { $0.limit.reset }
        shape.member("resets_in", .integer) { Int64($0.limit.window.secondsLeft(at: $0.now)) }
    }
}

extension OutputType where Value == DenialReason {
    static var denialReason: OutputType {
        let names = DenialReason.allCases.map { JSONValue.string($0.rawValue) }
        return OutputType(schema: ["type": "string", "enum": .array(names)]) { $1.string($0.rawValue) }
    }
}

extension OutputType where Value == Caller.Kind {
    static var callerKind: OutputType {
        OutputType(schema: ["type": "string", "enum": ["anonymous", "user", "key", "service_account"]]) {
            $1.string($0.rawValue)
        }
    }
}

extension OutputType where Value == Identifier {
    static var identifier: OutputType {
        OutputType(schema: ["type": "string", "format": "uuid"]) { $1.string($0.description) }
    }
}
