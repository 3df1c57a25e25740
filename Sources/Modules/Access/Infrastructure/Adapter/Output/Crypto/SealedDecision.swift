import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Shared

/// Decisions sealed by the master key (AES-256-GCM), so that they can be neither read nor made by those who have them.
struct SealedDecision: DecisionSeal {
    static let marker = "d_"
    private static let context = "access/decision/1"
    /// With the 37 bytes of the seal 194 characters.
    private static let bytesMax = 108

    let masterKey: MasterKey

    func seal(_ record: DecisionRecord) throws -> String {
        let bytes = Self.bytes(of: record)
        return Self.marker + Base64URL.encode(try masterKey.wrap(bytes, boundTo: Self.context))
    }

    func open(_ text: String) -> DecisionRecord? {
        guard text.hasPrefix(Self.marker), text.utf8.count < 200,
            let wrapped = Base64URL.decode(String(text.dropFirst(Self.marker.count))),
            let bytes = try? masterKey.unwrap(wrapped, boundTo: Self.context).reveal()
        else { return nil }
        var reader = SealedDecisionReader(bytes)
        return reader.record()
    }

    private static func bytes(of record: DecisionRecord) -> [UInt8] {
        let decision = record.decision
        var bytes: [UInt8] = []
        // Seven bits a byte, the lowest first; only what is never negative.
        func number(_ value: Int64) {
            var rest = UInt64(max(0, value))
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        func identifier(_ id: Identifier) {
            withUnsafeBytes(of: id.high.bigEndian) { bytes += $0 }
            withUnsafeBytes(of: id.low.bigEndian) { bytes += $0 }
        }
        func index<Value: Equatable>(_ value: Value, in all: [Value]) -> UInt8 {
            UInt8(truncatingIfNeeded: all.firstIndex(of: value) ?? 0xFF)
        }
        identifier(decision.id.value)
        number(decision.decidedAt.milliseconds)
        bytes.append(decision.denial.map { index($0.rawValue, in: SealedNames.reasons) } ?? 0xFF)
        bytes.append(index(record.source.rawValue, in: SealedNames.sources))
        bytes.append(index(record.credential.rawValue, in: SealedNames.credentials))
        bytes.append(record.method?.rawValue ?? 0xFF)
        let caller = decision.caller
        // The kind says which of the two it is.
        let account = caller?.userID ?? caller?.serviceAccountID?.value
        bytes.append(caller.map { index($0.kind.rawValue, in: SealedNames.kinds) } ?? 0xFF)
        bytes.append(
            (account == nil ? 0 : 1) | (caller?.tenantID == nil ? 0 : 2) | (decision.binding == nil ? 0 : 4))
        if let account { identifier(account) }
        if let tenant = caller?.tenantID { identifier(tenant.value) }
        if let limit = decision.binding {
            number(Int64(limit.limit))
            number(Int64(limit.used))
            number(limit.window.start.milliseconds)
            number(limit.window.end.milliseconds - limit.window.start.milliseconds)
        }
        // The most telling first, each with its length before it; one that has no room is left out.
        let texts = [
            caller?.plan.text, record.service, record.missing?.description, decision.binding?.policy, record.route,
        ]
        for (place, text) in texts.enumerated() {
            let room = bytesMax - bytes.count - (texts.count - place)
            guard let text, text.utf8.count <= min(room, 0xFE) else {
                bytes.append(0xFF)
                continue
            }
            bytes.append(UInt8(text.utf8.count))
            bytes += text.utf8
        }
        return bytes
    }
}

/// By their places in these lists things are sealed: only add at the ends.
enum SealedNames {
    static let reasons = [
        "missing_credential", "invalid_credential", "account_blocked", "permission_denied", "service_unknown",
        "not_in_plan", "payment_due", "quota_exhausted", "rate_limited", "ambiguous_request", "untrusted_gateway",
        "route_unknown", "origin_not_allowed", "path_too_long",
    ]
    static let sources = ["request", "dry_run", "reservation", "repetition", "door"]
    static let credentials = ["none", "access_token", "api_key", "malformed"]
    static let kinds = ["anonymous", "user", "key", "service_account"]
}
