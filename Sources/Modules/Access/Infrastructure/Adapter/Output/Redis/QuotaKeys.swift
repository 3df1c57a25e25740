import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Redis
import Shared

/// Where the counters of one subject are, at one service or over all of them: one key of Redis.
struct QuotaPlace: Sendable, Hashable {
    let subject: SubjectKey
    /// Nil: over all services.
    let service: ServiceID?

    init(_ subject: SubjectKey, _ service: ServiceID?) {
        self.subject = subject
        self.service = service
    }

    init(_ id: CounterID) { self.init(id.subject, id.service) }
}

/// Whose draws go together: their keys have one hash tag, so that a cluster would keep them on one server.
struct QuotaGroup: Sendable, Hashable {
    /// Holds the version of the entitlement, and what was brought back.
    let own: QuotaPlace

    init(_ own: QuotaPlace) { self.own = own }

    init(_ draw: Draw, _ keys: SubjectKeys) {
        switch draw.drawer {
        case .known(let subject): own = QuotaPlace(keys.key(of: subject), nil)
        case .anonymous(let caller, _): own = QuotaPlace(keys.key(of: caller.network), draw.service)
        }
    }

    /// Of a visitor's counters the service, else the subject.
    var tag: String { own.service.map { Self.hex($0) } ?? Hex.encode(own.subject.bytes) }

    static func hex(_ service: ServiceID) -> String { Hex.encode(service.value.bytes) }
}

/// The names of keys. They begin with the installation's own mark, so that several may share a server, and with the
/// number of the format.
struct QuotaKeys: Sendable {
    private let prefix: String

    init(_ masterKey: MasterKey) {
        let mark = HMACKey(masterKey.derive("redis-quota")).authenticate("installation".utf8).prefix(6)
        prefix = "q1:\(Hex.encode(mark)):"
    }

    /// As it is sent: made for every decision.
    func counters(_ place: QuotaPlace, of group: QuotaGroup) -> RedisCommand.Argument {
        var name: [UInt8] = []
        name.reserveCapacity(128)
        name.append(contentsOf: prefix.utf8)
        name.append(UInt8(ascii: "{"))
        Self.append(group.own.service?.value.bytes ?? group.own.subject.bytes, to: &name)
        name.append(UInt8(ascii: "}"))
        if group.own.service != nil || place.subject != group.own.subject {
            name.append(UInt8(ascii: ":"))
            Self.append(place.subject.bytes, to: &name)
        }
        if group.own.service == nil, let service = place.service {
            name.append(UInt8(ascii: ":"))
            Self.append(service.value.bytes, to: &name)
        }
        return .bytes(name)
    }

    private static func append(_ bytes: some Sequence<UInt8>, to name: inout [UInt8]) {
        for byte in bytes {
            name.append(Hex.digit(byte >> 4))
            name.append(Hex.digit(byte & 15))
        }
    }

    func reservation(_ id: ReservationID, of group: QuotaGroup) -> String { "\(prefix){\(group.tag)}/\(id)" }

    /// A request that was counted under a name: somebody else's of that name is another.
    func request(_ request: GatewayRequest, by places: [QuotaPlace], of group: QuotaGroup) -> String {
        let subjects = Set(places.map(\.subject)).sorted().flatMap(\.bytes)
        let text = "\(SQLCountedRequestTable.name(of: request.gateway)) \(request.service) \(request.requestID) "
        let digest = SHA256.hash(Array(text.utf8) + subjects)
        return "\(prefix){\(group.tag)}/\(Hex.encode(digest.prefix(16)))"
    }

    /// Where the names of a request's keys are, by gateway.
    func names(of requestID: String, at service: ServiceID) -> String {
        "\(prefix){\(QuotaGroup.hex(service))}/\(requestID)"
    }
}
