import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import JSON
import Shared

/// Why the gate decided as it did.
struct ExplanationRoutes: Sendable {
    let explain: ExplainDecisionService
    let gate: any Gate

    var routes: [Route] {
        [
            Route(
                .get, "/access/explain/{decision_id}",
                Operation(
                    "explainDecision",
                    "What was asked, what was decided and by which rule and counter: everything of the last ten minutes of this process, and of a refusal at any time and on any process what its identifier says, with null for the rest",
                    tag: "Access", answers: [.json(200, ExplanationAnswer.self, "The decision"), .problem(.notFound)]),
                needs: .permission(AccessPermission.explain), gate: gate
            ) { request, _ in
                let reference = request.pathValues[0]
                switch try await explain(reference) {
                case .remembered(let record):
                    return .json(ExplanationAnswer(id: reference, record: record, sealed: nil, refusal: nil))
                case .sealed(let record, let refusal):
                    return .json(ExplanationAnswer(id: reference, record: nil, sealed: record, refusal: refusal))
                case .recorded(let refusal):
                    return .json(ExplanationAnswer(id: reference, record: nil, sealed: nil, refusal: refusal))
                case nil: throw Problem(.notFound)
                }
            }
        ]
    }
}

struct ExplanationAnswer: Output {
    let id: String
    /// From memory: everything.
    let record: DecisionRecord?
    /// From the identifier: what it had room for.
    let sealed: DecisionRecord?
    /// From the audit log.
    let refusal: RecordedRefusal?

    private var best: DecisionRecord? { record ?? sealed }

    static let shape = Shape<ExplanationAnswer>("DecisionExplanation") { shape in
        shape.member("id", .text) { $0.id }
        shape.member("recorded_in", .place) {
            if $0.record != nil { .memory } else { $0.sealed == nil ? .auditLog : .identifier }
        }
        shape.member("decided_at", .timestamp) { $0.decidedAt }
        shape.member("allowed", .bool) { $0.denial == nil }
        shape.nullable("reason", .text) { $0.denial?.rawValue }
        shape.member("status", .integer) { Int64($0.denial?.status ?? 200) }
        shape.nullable("source", .text) { $0.best?.source.rawValue }
        shape.nullable("service", .text) { answer in
            answer.best.flatMap { $0.service.isEmpty ? nil : $0.service } ?? answer.refusal?.service?.text
        }
        shape.nullable("credential", .text) { $0.best?.credential.rawValue }
        shape.nullable("method", .text) { $0.best?.method?.name }
        shape.nullable("path", .text) { $0.record?.path }
        shape.nullable("route", .text) { $0.best?.route }
        shape.nullable("missing_permission", .text) { $0.best?.missing?.description }
        shape.nullable("cost", .integer) { $0.record.map { Int64($0.cost) } }
        shape.nullable("caller", .object) { $0.best?.decision.caller.map { ExplainedCallerAnswer(caller: $0) } }
        shape.nullable("entitlement_version", .integer) { $0.record?.entitlementVersion }
        shape.nullable("limit", .object) { $0.best?.decision.binding.map { ExplainedLimitAnswer(limit: $0) } }
        shape.nullable("exceeds_soft_limit", .bool) { $0.record?.decision.exceedsSoftLimit }
        shape.nullable("degraded", .bool) { $0.record?.decision.isDegraded }
        shape.nullable("audit_entry", .object) { $0.refusal.map { ExplainedEntryAnswer(refusal: $0) } }
    }

    private var denial: DenialReason? { best?.decision.denial ?? refusal?.reason }

    /// Of a line's decisions the first alone is written with its time; each has it in its identifier.
    private var decidedAt: Timestamp {
        best?.decision.decidedAt ?? DecisionID(text: id)?.value.madeAt ?? refusal?.recordedAt
            ?? Timestamp(milliseconds: 0)
    }
}

/// Where a decision was found.
private enum DecisionPlace: String, CaseIterable {
    case memory
    /// A refusal's own.
    case identifier
    case auditLog = "audit_log"
}

extension OutputType where Value == DecisionPlace {
    fileprivate static var place: OutputType {
        OutputType(
            schema: ["type": "string", "enum": .array(DecisionPlace.allCases.map { .string($0.rawValue) })]
        ) { $1.string($0.rawValue) }
    }
}

/// The line of the audit log that a refusal is in.
struct ExplainedEntryAnswer: Output {
    let refusal: RecordedRefusal

    static let shape = Shape<ExplainedEntryAnswer>("ExplainedAuditEntry") { shape in
        shape.member("id", .text) { $0.refusal.entryID.description }
        shape.member("time", .timestamp) { $0.refusal.recordedAt }
        shape.nullable("user_id", .id) { $0.refusal.userID.map { UserID($0) } }
        shape.nullable("service_account_id", .id) { $0.refusal.serviceAccountID }
        shape.member("count", .integer) { Int64($0.refusal.count) }
    }
}

struct ExplainedCallerAnswer: Output {
    let caller: Caller

    static let shape = Shape<ExplainedCallerAnswer>("ExplainedCaller") { shape in
        shape.member("kind", .text) { $0.caller.kind.rawValue }
        shape.nullable("user_id", .id) { $0.caller.userID.map { UserID($0) } }
        shape.nullable("service_account_id", .id) { $0.caller.serviceAccountID }
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
