import AccessContract
import AccessDomain
import Crypto
import Shared

/// Gives subjects their names in the store, by keys that come from the master key.
struct SubjectKeys: Sendable {
    private let networks: HMACKey
    private let masterKey: MasterKey

    init(_ masterKey: MasterKey) {
        self.masterKey = masterKey
        networks = HMACKey(masterKey.derive("access-meter-networks"))
    }

    /// About 1 µs for a network, next to nothing for the others.
    func key(of subject: MeterSubject) -> SubjectKey {
        switch subject {
        case .user(let id): SubjectKey(.user, id)
        case .tenant(let id): SubjectKey(.tenant, id.value)
        case .serviceAccount(let id): SubjectKey(.serviceAccount, id.value)
        case .device(let id): SubjectKey(.device, id)
        case .network(let prefix): key(of: prefix)
        }
    }

    private func key(of prefix: NetworkPrefix) -> SubjectKey {
        var digest = (high: UInt64(0), low: UInt64(0))
        for (index, byte) in networks.authenticate(Self.bytes(of: prefix)).prefix(16).enumerated() {
            if index < 8 {
                digest.high = digest.high << 8 | UInt64(byte)
            } else {
                digest.low = digest.low << 8 | UInt64(byte)
            }
        }
        let isWide = !prefix.address.isIPv4 && prefix.length < 64
        return SubjectKey(isWide ? .widerNetwork : .network, Identifier(high: digest.high, low: digest.low))
    }

    /// A network, encrypted, for a row that must be able to name it again; nil for other subjects, whose key does.
    func sealed(_ subject: MeterSubject, for reservation: ReservationID) throws -> [UInt8]? {
        guard case .network(let prefix) = subject else { return nil }
        return try masterKey.wrap(Self.bytes(of: prefix), boundTo: Self.context(reservation))
    }

    /// - Throws: `InternalFailure` or `UnwrapError` for damaged data, or another master key's.
    func subject(_ key: SubjectKey, sealed: [UInt8]?, for reservation: ReservationID) throws -> MeterSubject {
        if let subject = key.subject { return subject }
        guard let sealed else { throw InternalFailure("a reservation of a network does not name it") }
        let bytes = try masterKey.unwrap(sealed, boundTo: Self.context(reservation)).reveal()
        guard bytes.count == 18, let address = Identifier(bytes: bytes.dropFirst(2)) else {
            throw InternalFailure("a reservation's network cannot be read")
        }
        let network =
            bytes[0] == 4
            ? NetworkAddress(ipv4: UInt32(truncatingIfNeeded: address.low))
            : NetworkAddress(ipv6High: address.high, low: address.low)
        return .network(network.prefix(Int(bytes[1])))
    }

    /// Family, length, address: 18 bytes.
    private static func bytes(of prefix: NetworkPrefix) -> [UInt8] {
        let address = prefix.address
        return [address.isIPv4 ? 4 : 6, UInt8(prefix.length)] + Identifier(high: address.high, low: address.low).bytes
    }

    private static func context(_ reservation: ReservationID) -> String { "access/reservation/\(reservation)" }
}
