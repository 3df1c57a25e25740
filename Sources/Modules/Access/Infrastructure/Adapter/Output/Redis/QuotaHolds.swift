import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// What a name or a reservation holds, as its key in Redis has it: when it was counted, the ends of the windows, whose
/// counters they are, and how much.
struct QuotaHolds: Sendable {
    let countedAt: Timestamp
    let group: QuotaGroup
    var amount: Int
    let holds: [StoredReservation.Hold]
    /// All but the amount, which comes last.
    private let head: [UInt8]

    /// How the amount stands in the value.
    private static let amountBytes = 6

    /// - Parameter bytes: as the script has put them together.
    init?(_ bytes: [UInt8]) {
        var reader = QuotaReader(bytes)
        guard let time = reader.long(), let count = reader.count(), count <= 32 else { return nil }
        var ends: [Timestamp] = []
        for _ in 0..<count {
            guard let end = reader.end() else { return nil }
            ends.append(end)
        }
        guard let own = reader.place() else { return nil }
        var holds: [StoredReservation.Hold] = []
        for end in ends {
            guard let place = reader.place(), let number = reader.byte(), let unit = CounterUnit(rawValue: Int(number)),
                let isSoft = reader.byte(), let limit = reader.amount(), let length = reader.byte(),
                let policy = reader.bytes(Int(length))
            else { return nil }
            holds.append(
                StoredReservation.Hold(
                    id: CounterID(subject: place.subject, service: place.service, unit: unit),
                    window: unit.window.window(at: end - .milliseconds(1)),
                    limit: limit == QuotaWriter.amountMax ? Limit.unlimited : limit, isSoft: isSoft == 1,
                    policy: String(decoding: policy, as: UTF8.self)))
        }
        guard let amount = reader.amount(), reader.isAtEnd else { return nil }
        countedAt = Timestamp(milliseconds: time)
        group = QuotaGroup(own)
        self.amount = amount
        self.holds = holds
        head = bytes.dropLast(Self.amountBytes)
    }

    var bytes: [UInt8] {
        var writer = QuotaWriter()
        writer.append(head)
        writer.amount(amount)
        return writer.bytes
    }

    func isRecent(at now: Timestamp) -> Bool { now - countedAt < GatewayRequest.lifetime }

    /// What the script appends to the ends of the windows.
    ///
    /// - Parameter withLimits: for a reservation, whose end may need room.
    static func packed(_ call: QuotaDraw, withLimits: Bool) -> [UInt8] {
        var writer = QuotaWriter()
        writer.place(call.group.own)
        for (index, part) in call.parts.enumerated() {
            let charge = call.charge(index, Counter(window: part.id.unit.window.window(at: Timestamp(milliseconds: 0))))
            if charge.isBurst { continue }
            writer.place(QuotaPlace(part.id))
            writer.byte(UInt8(part.id.unit.rawValue))
            writer.byte(charge.isSoft ? 1 : 0)
            writer.amount(withLimits && charge.isLimited ? charge.limit : QuotaWriter.amountMax)
            let policy = withLimits ? Array(call.draw.rules[part.rule].policy.utf8.prefix(255)) : []
            writer.byte(UInt8(policy.count))
            writer.append(policy)
        }
        writer.amount(call.draw.cost)
        return writer.bytes
    }
}

/// How much one counter changes, in the window of its hold.
struct QuotaChange: Sendable {
    let hold: StoredReservation.Hold
    var used = 0
    var reserved = 0
    /// Whether more needs room.
    var isHard = false
}

extension QuotaHolds {
    func changes(_ body: (inout QuotaChange) -> Void) -> [QuotaChange] {
        holds.map { hold in
            var change = QuotaChange(hold: hold)
            body(&change)
            return change
        }
    }
}

extension QuotaWriter {
    mutating func place(_ place: QuotaPlace) {
        append(place.subject.bytes)
        append((place.service?.value ?? SQLCounterTable.allServices).bytes)
    }
}

extension QuotaReader {
    mutating func place() -> QuotaPlace? {
        guard let subject = bytes(SubjectKey.byteCount).flatMap({ SubjectKey(bytes: $0) }),
            let service = bytes(16).flatMap({ Identifier(bytes: $0) })
        else { return nil }
        return QuotaPlace(subject, service == SQLCounterTable.allServices ? nil : ServiceID(service))
    }
}
