import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import HTTP
import Shared

/// Why the gate decided as it did.
struct ExplanationRoutes: Sendable {
    let explain: any ExplainDecision
    let gate: AdministratorGate

    var routes: [Route] {
        [
            Route(
                .get, "/access/explain/{decision_id}",
                GuardedOperation(
                    "explainDecision",
                    "What was asked, what was decided and by which rule and counter; of the last ten minutes of this process",
                    tag: "Access", needs: GapuraPermission.accessExplain,
                    answers: [.json(200, ExplanationAnswer.self, "The decision"), .problem(.notFound)]),
                gate
            ) { request, _ in
                guard let record = explain(try request.pathID()) else { throw Problem(.notFound) }
                return .json(ExplanationAnswer(record: record))
            }
        ]
    }
}

struct ExplanationAnswer: Output {
    let record: DecisionRecord

    static let shape = Shape<ExplanationAnswer>("DecisionExplanation") { shape in
        shape.member("id", .id) { $0.record.decision.id }
        shape.member("decided_at", .timestamp) { $0.record.decision.decidedAt }
        shape.member("allowed", .bool) { $0.record.decision.isAllowed }
        shape.nullable("reason", .text) { $0.record.decision.denial?.rawValue }
        shape.member("status", .integer) { Int64($0.record.decision.status) }
        shape.member("source", .text) { $0.record.source.rawValue }
        shape.member("service", .text) { $0.record.service }
        shape.member("credential", .text) { $0.record.credential.rawValue }
        shape.nullable("method", .text) { $0.record.method?.name }
        shape.nullable("path", .text) { $0.record.path }
        shape.nullable("route", .text) { $0.record.route }
        shape.nullable("missing_permission", .text) { $0.record.missing?.description }
        shape.member("cost", .integer) { Int64($0.record.cost) }
        shape.nullable("caller", .object) { $0.record.decision.caller.map { ExplainedCallerAnswer(caller: $0) } }
        shape.member("entitlement_version", .integer) { $0.record.entitlementVersion }
        shape.nullable("limit", .object) { $0.record.decision.binding.map { ExplainedLimitAnswer(limit: $0) } }
        shape.member("exceeds_soft_limit", .bool) { $0.record.decision.exceedsSoftLimit }
        shape.member("degraded", .bool) { $0.record.decision.isDegraded }
    }
}

struct ExplainedCallerAnswer: Output {
    let caller: AccessDomain.Caller

    static let shape = Shape<ExplainedCallerAnswer>("ExplainedCaller") { shape in
        shape.member("kind", .text) { $0.caller.kind.rawValue }
        shape.nullable("user_id", .id) { $0.caller.userID.map { UserID($0) } }
        shape.nullable("tenant_id", .id) { $0.caller.tenantID }
        shape.member("roles", .list(of: .text)) { $0.caller.roles }
        shape.member("plan", .text) { $0.caller.plan.text }
    }
}

/// The counter as it was after the decision.
struct ExplainedLimitAnswer: Output {
    let limit: BindingLimit

    static let shape = Shape<ExplainedLimitAnswer>("ExplainedLimit") { shape in
        shape.member("policy", .text) { $0.limit.policy }
        shape.member("limit", .integer) { Int64($0.limit.limit) }
        shape.member("used", .integer) { Int64($0.limit.used) }
        shape.member("remaining", .integer) { Int64($0.limit.remaining) }
        shape.member("window_start", .timestamp) { $0.limit.window.start }
        shape.member("resets_at", .timestamp) { $0.limit.reset }
    }
}
