import AccessApplication
import AccessDomain
import HTTP
import JSON
import Shared

extension Problem {
    /// A refusal of the gate: what is missing, and by which identifier it is explained.
    init(refusing answer: AccessAnswer, because reason: DenialReason) {
        self.init(reason.problemKind, Self.detail(answer, reason))
        name(answer)
        if let missing = answer.refusal?.missing { members["missing_permission"] = .string(missing.description) }
        if let service = answer.serviceNotListed { members["missing_service"] = .string(service.text) }
        if !answer.plansWanted.isEmpty { members["plans"] = .array(answer.plansWanted.map { .string($0.text) }) }
        if let limit = answer.decision.binding {
            members["limit"] = [
                "policy": .string(limit.policy), "limit": .integer(Int64(limit.limit)),
                "used": .integer(Int64(limit.used)), "resets_at": .string(limit.reset.description),
            ]
        }
    }

    /// Says by which identifier the decision is explained.
    mutating func name(_ answer: AccessAnswer) {
        members["decision_id"] = .string(answer.reference)
        headers.append((DecisionHeader.name, answer.reference))
    }

    private static func detail(_ answer: AccessAnswer, _ reason: DenialReason) -> String? {
        if let missing = answer.refusal?.missing { return "The permission \(missing) is missing" }
        if let service = answer.serviceNotListed {
            return "This API key does not list the service \(service). Its owner adds it with PATCH /api-keys/{id}"
        }
        if !answer.plansWanted.isEmpty {
            let plans = answer.plansWanted.map(\.text).joined(separator: ", ")
            return
                "The plan \(answer.decision.caller?.plan.text ?? "of the caller") does not include this service. Plans that do: \(plans)"
        }
        guard let limit = answer.decision.binding, reason.status == 429 else { return nil }
        return "The limit \(limit.policy) of \(limit.limit) is reached. It resets at \(limit.reset)"
    }
}

/// By which identifier a decision is explained.
enum DecisionHeader {
    static let name = "X-Gapura-Decision"
}
