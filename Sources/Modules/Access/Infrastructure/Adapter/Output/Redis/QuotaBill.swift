import AccessDomain
import Shared

/// What a process brings back to Redis, as the script takes it.
struct QuotaBill {
    private typealias Entry = (number: UInt64, isWanted: Bool, items: [KnownCounters.Owed.Item])

    let group: QuotaGroup
    let places: [QuotaPlace]
    let ids: [CounterID]
    private let entries: [Entry]

    init(_ owing: KnownCounters.Owed, of group: QuotaGroup) {
        self.group = group
        let doubtful = owing.doubtful.map { Entry($0.number, $0.isWanted, $0.items) }
        entries = doubtful + owing.items.map { Entry(0, true, [$0]) }
        ids = Array(Set(entries.flatMap { $0.items.map(\.id) }))
        places = [group.own] + Set(ids.map { QuotaPlace($0) }).subtracting([group.own])
    }

    /// - Parameters:
    ///   - node: this process; its draws and what it brings back are told apart by the first bit.
    ///   - number: the same each time that it is sent.
    ///   - floors: what is known of `ids`.
    func packed(moment: QuotaMoment, node: [UInt8], number: UInt64, floors: [KnownCounter?]) -> [UInt8] {
        let indices = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, UInt8($0 + 1)) })
        var writer = QuotaWriter()
        writer.long(moment.sent)
        writer.append(node)
        writer.append([node[0] ^ 0x80] + node.dropFirst())
        writer.amount(Int(number))
        writer.months(moment.now)
        writer.count(floors.count { $0 != nil })
        writer.count(entries.count)
        for (id, known) in zip(ids, floors) {
            guard let known else { continue }
            writer.byte(indices[QuotaPlace(id)] ?? 1)
            writer.byte(UInt8(id.unit.rawValue))
            writer.seconds(known.counter.window.end)
            writer.amount(known.confirmed)
            writer.generation(known.epoch.generation)
        }
        for entry in entries {
            writer.amount(Int(entry.number))
            writer.byte(entry.isWanted ? 1 : 0)
            writer.byte(UInt8(entry.items.count))
            for item in entry.items {
                writer.byte(indices[QuotaPlace(item.id)] ?? 1)
                writer.byte(UInt8(item.id.unit.rawValue))
                writer.seconds(item.end)
                writer.amount(item.amount)
            }
        }
        return writer.bytes
    }
}
