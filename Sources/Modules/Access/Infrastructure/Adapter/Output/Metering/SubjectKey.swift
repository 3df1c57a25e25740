import AccessContract
import AccessDomain
import Shared

/// Whose counters they are, as the store has it. A network is there by a keyed digest only: it is where a person is.
struct SubjectKey: Sendable, Hashable {
    /// The numbers are stored.
    enum Kind: UInt8, Sendable {
        case user = 1
        case tenant = 2
        case device = 3
        /// An IPv4 address or an IPv6 /64: where an anonymous request is counted once.
        case network = 4
        /// An IPv6 network above those, whose count repeats theirs.
        case widerNetwork = 5
        case serviceAccount = 6

        /// Nobody signed in, who is counted by service only.
        var isVisitor: Bool {
            switch self {
            case .user, .tenant, .serviceAccount: false
            case .device, .network, .widerNetwork: true
            }
        }
    }

    static let byteCount = 17

    let kind: Kind
    let value: Identifier

    /// - Parameter bytes: as `bytes` gives them; nil for anything else.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let kind = Kind(rawValue: bytes[0]),
            let value = Identifier(bytes: bytes.dropFirst())
        else { return nil }
        self.init(kind, value)
    }

    init(_ kind: Kind, _ value: Identifier) {
        self.kind = kind
        self.value = value
    }

    var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            buffer[0] = kind.rawValue
            for index in 0..<8 {
                buffer[1 + index] = UInt8(truncatingIfNeeded: value.high >> UInt64(56 - 8 * index))
                buffer[9 + index] = UInt8(truncatingIfNeeded: value.low >> UInt64(56 - 8 * index))
            }
            count = Self.byteCount
        }
    }

    /// Nil for a network: its digest does not tell it.
    var subject: MeterSubject? {
        switch kind {
        case .user: .user(value)
        case .tenant: .tenant(TenantID(value))
        case .serviceAccount: .serviceAccount(ServiceAccountID(value))
        case .device: .device(value)
        case .network, .widerNetwork: nil
        }
    }
}

extension SubjectKey: Comparable {
    /// The order in which locks are taken.
    static func < (left: SubjectKey, right: SubjectKey) -> Bool {
        (left.kind.rawValue, left.value) < (right.kind.rawValue, right.value)
    }
}
