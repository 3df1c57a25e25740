import AccessApplication
import AccessContract
import AccessDomain
import JSON
import Shared

/// Writes a decision as `DecisionAnswer` describes it, byte for byte the same, without the machinery: names and
/// punctuation go over in pieces.
struct DecisionWriter {
    private(set) var bytes: [UInt8] = []

    static func write(_ answer: AccessAnswer) -> [UInt8] {
        var writer = DecisionWriter()
        writer.bytes.reserveCapacity(640)
        writer.put(answer)
        return writer.bytes
    }

    private mutating func put(_ answer: AccessAnswer) {
        let decision = answer.decision
        put("{\"id\":")
        if let refusal = answer.refusal { quoted(refusal.reference) } else { put(decision.id.value) }
        if decision.isAllowed {
            put(",\"allowed\":true,\"reason\":null,\"status\":200,\"retry_after\":null,\"caller\":")
        } else {
            putRefusal(decision)
        }
        if let caller = decision.caller { put(caller) } else { put("null") }
        put(",\"email\":")
        if let email = answer.email { escaped(email.text) } else { put("null") }
        put(",\"limit\":")
        if let limit = decision.binding { put(limit, at: decision.decidedAt) } else { put("null") }
        if decision.isAllowed {
            put(",\"missing_permission\":null,\"missing_service\":null,\"plans\":[]")
        } else {
            putMissing(answer)
        }
        put(decision.exceedsSoftLimit ? ",\"exceeds_soft_limit\":true" : ",\"exceeds_soft_limit\":false")
        put(decision.isDegraded ? ",\"degraded\":true" : ",\"degraded\":false")
        put(",\"decided_at\":")
        put(decision.decidedAt)
        put("}")
    }

    private mutating func putRefusal(_ decision: Decision) {
        put(",\"allowed\":false,\"reason\":")
        if let denial = decision.denial { quoted(denial.rawValue) } else { put("null") }
        put(",\"status\":")
        put(decision.status)
        put(",\"retry_after\":")
        if let seconds = decision.retryAfter { put(seconds) } else { put("null") }
        put(",\"caller\":")
    }

    private mutating func putMissing(_ answer: AccessAnswer) {
        put(",\"missing_permission\":")
        if let missing = answer.refusal?.missing { quoted(missing.description) } else { put("null") }
        put(",\"missing_service\":")
        if let service = answer.serviceNotListed { quoted(service.text) } else { put("null") }
        put(",\"plans\":[")
        if answer.decision.denial == .notInPlan {
            for (index, plan) in answer.plansWanted.enumerated() {
                if index > 0 { put(",") }
                quoted(plan.text)
            }
        }
        put("]")
    }

    private mutating func put(_ caller: Caller) {
        put("{\"kind\":")
        quoted(caller.kind.rawValue)
        put(",\"user_id\":")
        if let user = caller.userID { put(user) } else { put("null") }
        if let account = caller.serviceAccountID {
            put(",\"service_account_id\":")
            put(account.value)
            put(",\"tenant_id\":")
        } else {
            put(",\"service_account_id\":null,\"tenant_id\":")
        }
        if let tenant = caller.tenantID { put(tenant.value) } else { put("null") }
        put(",\"roles\":[")
        for (index, role) in caller.roles.enumerated() {
            if index > 0 { put(",") }
            escaped(role)
        }
        put("],\"plan\":")
        quoted(caller.plan.text)
        put("}")
    }

    private mutating func put(_ limit: BindingLimit, at now: Timestamp) {
        put("{\"policy\":")
        quoted(limit.policy)
        put(",\"limit\":")
        put(limit.limit)
        put(",\"used\":")
        put(limit.used)
        put(",\"remaining\":")
        put(limit.remaining)
        put(",\"resets_at\":")
        put(limit.reset)
        put(",\"resets_in\":")
        put(limit.window.secondsLeft(at: now))
        put("}")
    }

    private mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Text that is known to need no escape: codes, plans, policies.
    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ text: String) {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        bytes.append(contentsOf: writer.bytes)
    }

    private mutating func put(_ number: Int) {
        if number < 0 {
            bytes.append(contentsOf: String(number).utf8)
            return
        }
        var place = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / place % 10))
            place /= 10
        }
    }

    private mutating func put(_ identifier: Identifier) {
        bytes.append(UInt8(ascii: "\""))
        identifier.appendText(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func put(_ moment: Timestamp) {
        bytes.append(UInt8(ascii: "\""))
        moment.appendText(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}
