import AccountsContract
import AccountsDomain
import Shared

/// How a flow's cookie has it: short, since a browser sends up to five of them.
extension ProviderFlow {
    private static let version: UInt8 = 1

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.byte(Self.version)
        writer.text(provider.text)
        switch intent {
        case .signIn: writer.byte(0)
        case .link(let caller):
            writer.byte(1)
            writer.raw(caller.userID.value.bytes + caller.sessionID.value.bytes)
        case .stepUp(let caller):
            writer.byte(2)
            writer.raw(caller.userID.value.bytes + caller.sessionID.value.bytes)
        }
        writer.number(startedAt.milliseconds)
        writer.raw(state + secret.reveal())
        writer.text(issuer)
        writer.text(returnTo)
        writer.raw(challenge.map { [1] + $0 } ?? [0])
        writer.text(invitation)
        return writer.bytes
    }

    /// Nil for what this version did not write.
    init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == Self.version, case .some(.some(let provider)) = reader.text(),
            let intent = Self.intent(&reader), let startedAt = reader.number(),
            let state = reader.raw(Self.stateByteCount), let secret = reader.raw(Self.secretByteCount),
            let issuer = reader.text(), let returnTo = reader.text(), let challenge = Self.challenge(&reader),
            let invitation = reader.text(), reader.isAtEnd
        else { return nil }
        self.init(
            provider: ProviderName(stored: provider), intent: intent, startedAt: Timestamp(milliseconds: startedAt),
            state: state, secret: Secret(secret), issuer: issuer, returnTo: returnTo, challenge: challenge,
            invitation: invitation)
    }

    private static func intent(_ reader: inout ByteReader) -> Intent? {
        switch reader.byte() {
        case 0: .signIn
        case 1: caller(&reader).map { .link($0) }
        case 2: caller(&reader).map { .stepUp($0) }
        default: nil
        }
    }

    private static func caller(_ reader: inout ByteReader) -> SessionCaller? {
        guard let user = reader.raw(16).flatMap({ Identifier(bytes: $0) }),
            let session = reader.raw(16).flatMap({ Identifier(bytes: $0) })
        else { return nil }
        return SessionCaller(userID: UserID(user), sessionID: SessionID(session))
    }

    private static func challenge(_ reader: inout ByteReader) -> [UInt8]?? {
        switch reader.byte() {
        case 0: .some(nil)
        case 1: reader.raw(32).map { .some($0) }
        default: nil
        }
    }
}

private struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ byte: UInt8) { bytes.append(byte) }
    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func number(_ number: Int64) {
        for shift in (0..<8).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (shift * 8))) }
    }

    /// Its length, one more than that of nothing, in two bytes before it.
    mutating func text(_ text: String?) {
        let count = text.map { $0.utf8.count + 1 } ?? 0
        bytes += [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        bytes += text.map { Array($0.utf8) } ?? []
    }
}

private struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func raw(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func number() -> Int64? {
        raw(8).map { $0.reduce(Int64(0)) { $0 << 8 | Int64($1) } }
    }

    /// Nil if there is none that is well-formed; nil inside of it for an absent one.
    mutating func text() -> String?? {
        guard let head = raw(2) else { return nil }
        let count = Int(head[0]) << 8 | Int(head[1])
        if count == 0 { return .some(nil) }
        guard let bytes = raw(count - 1), let text = String(utf8: bytes.span) else { return nil }
        return .some(text)
    }
}
