import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// Reads what `SealedDecision` wrote.
struct SealedDecisionReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func record() -> DecisionRecord? {
        guard let id = identifier(), let decidedAt = number(), let reason = byte(), let source = byte(),
            let credential = byte(), let method = byte(), let kind = byte(), let flags = byte()
        else { return nil }
        var user: Identifier?
        var tenant: Identifier?
        var bounds: (limit: Int64, used: Int64, window: TimeWindow)?
        if flags & 1 != 0 {
            user = identifier()
            guard user != nil else { return nil }
        }
        if flags & 2 != 0 {
            tenant = identifier()
            guard tenant != nil else { return nil }
        }
        if flags & 4 != 0 {
            guard let limit = number(), let used = number(), let start = number(), let length = number() else {
                return nil
            }
            let window = TimeWindow(
                start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: start &+ length))
            bounds = (limit, used, window)
        }
        guard let plan = text(), let service = text(), let missing = text(), let policy = text(), let route = text(),
            let source = name(source, SealedNames.sources).flatMap({ DecisionRecord.Source(rawValue: $0) }),
            let credential = name(credential, SealedNames.credentials)
                .flatMap({ DecisionRecord.CredentialKind(rawValue: $0) })
        else { return nil }
        let caller = name(kind, SealedNames.kinds).flatMap { Caller.Kind(rawValue: $0) }.flatMap { kind in
            plan.flatMap { PlanCode($0) }.map { plan in
                Caller(kind: kind, userID: user, tenantID: tenant.map { TenantID($0) }, plan: plan)
            }
        }
        let decision = Decision(
            id: DecisionID(id), denial: name(reason, SealedNames.reasons).flatMap { DenialReason(rawValue: $0) },
            caller: caller,
            binding: bounds.map {
                BindingLimit(policy: policy ?? "", limit: Int($0.limit), used: Int($0.used), window: $0.window)
            },
            decidedAt: Timestamp(milliseconds: decidedAt))
        return DecisionRecord(
            decision: decision, service: service ?? "", credential: credential, source: source,
            method: RequestMethod(rawValue: method), route: route, missing: missing.flatMap { Permission($0) })
    }

    private func name(_ place: UInt8, _ all: [String]) -> String? {
        all.indices.contains(Int(place)) ? all[Int(place)] : nil
    }

    private mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    private mutating func number() -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let next = byte(), shift < 63 {
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return Int64(value) }
            shift += 7
        }
        return nil
    }

    private mutating func word() -> UInt64? {
        guard position + 8 <= bytes.count else { return nil }
        defer { position += 8 }
        return bytes[position..<position + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    private mutating func identifier() -> Identifier? {
        guard let high = word(), let low = word() else { return nil }
        return Identifier(high: high, low: low)
    }

    /// Nil at the end of the bytes, `.some(nil)` for none.
    private mutating func text() -> String?? {
        guard let count = byte() else { return nil }
        if count == 0xFF { return .some(nil) }
        guard position + Int(count) <= bytes.count else { return nil }
        defer { position += Int(count) }
        return String(validating: bytes[position..<position + Int(count)], as: UTF8.self).map { .some($0) }
    }
}
