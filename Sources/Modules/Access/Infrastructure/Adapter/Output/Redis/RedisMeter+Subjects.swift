import AccessApplication
import AccessContract
import AccessDomain
import Lifecycle
import Redis
import SQL
import Shared
import Synchronization

/// What a subject has used, at all services.
extension RedisMeter {
    package func usage(of subject: MeterSubject) async throws -> [MeteredUse] {
        let key = keys.key(of: subject)
        let stored = try await stored(key)
        let now = moment().now
        let live = try? await counters(of: key, at: Set(try await services(of: stored)))
        return Self.newest(stored + (live ?? [])).uses(at: now)
    }

    package func reset(_ subject: MeterSubject) async throws {
        let key = keys.key(of: subject)
        let services = try await services(of: try await stored(key))
        let places = places(of: key, at: services).filter { !subject.isVisitor || $0.service != nil }
        let groups = Dictionary(grouping: places) { place in
            subject.isVisitor ? QuotaGroup(place) : QuotaGroup(QuotaPlace(key, nil))
        }
        var writer = QuotaWriter()
        writer.long(moment().sent)
        let moment = writer.bytes
        for (group, places) in groups {
            let list = places.map { names.counters($0, of: group) }
            _ = try await asking { try await $0.run(QuotaScripts.reset, keys: list, [.bytes(moment)]) }
        }
        memory.withLock { $0.forget(key) }
        try await sql.reset(subject)
    }

    package func merge(_ merge: DeviceMerge) async throws {
        let (device, user) = (keys.key(of: .device(merge.device)), keys.key(of: .user(merge.user)))
        let stored = try await stored(device)
        let live = try await counters(of: device, at: Set(try await services(of: stored)))
        let additions = merge.additions(Self.newest(stored + live))
        // Noted once there was something to add: what the device uses later today is added then.
        guard !additions.isEmpty,
            try await database.write({ try SQLDeviceMergeTable(transaction: $0).insert(merge) })
        else { return }
        let group = QuotaGroup(QuotaPlace(user, nil))
        let now = moment().now
        _ = await load([user])
        memory.withLock { memory in
            memory.owe(
                group,
                additions.map { addition in
                    KnownCounters.Owed.Item(
                        id: CounterID(subject: user, service: addition.service, unit: addition.unit),
                        end: addition.unit.window.window(at: now).end, amount: addition.used)
                }, at: now)
        }
        do {
            try await bringBack(group)
        } catch is Loss {
            // It goes there when Redis is back.
        }
    }

    /// What another process has put back.
    func forget(_ subject: MeterSubject) {
        let key = keys.key(of: subject)
        memory.withLock { $0.forget(key) }
    }

    /// After a change of plan: what was counted by strict rules until now is known to the database only.
    func reread(_ subject: Identifier) async {
        try? await flush()
        memory.withLock { memory in
            memory.reread(SubjectKey(.user, subject))
            memory.reread(SubjectKey(.tenant, subject))
            memory.reread(SubjectKey(.serviceAccount, subject))
        }
    }

    // MARK: Where they are

    /// As the database has them, with what this process knows.
    private func stored(_ key: SubjectKey) async throws -> [CounterRecord] {
        try await flush()
        let now = moment().now
        let rows = try await database.read { try SQLCounterTable(transaction: $0).open(of: [key], at: now) }
        let own = memory.withLock { $0.records(of: key, at: now) }
        return Array(
            Dictionary((rows + own).map { ($0.id, $0) }) { $1.counter.used > $0.counter.used ? $1 : $0 }.values)
    }

    /// As Redis has them.
    private func counters(of key: SubjectKey, at services: Set<ServiceID>) async throws -> [CounterRecord] {
        let now = moment().now
        let isVisitor = key.kind.isVisitor
        let own = QuotaPlace(key, nil)
        let found = places(of: key, at: services).filter { !isVisitor || $0.service != nil }
        guard !found.isEmpty else { return [] }
        let list = found.map {
            names.counters($0, of: isVisitor ? QuotaGroup($0) : QuotaGroup(own))
        }
        let values =
            try await asking { client in
                try await client.send(RedisCommand([.text("MGET")] + list))
            }.array ?? []
        return zip(found, values).flatMap { place, value in
            value.bytes.map { Self.counters(of: place, in: $0, at: now) } ?? []
        }
    }

    private static func counters(of place: QuotaPlace, in bytes: [UInt8], at now: Timestamp) -> [CounterRecord] {
        var reader = QuotaReader(bytes, after: 25)
        return CounterUnit.allCases.compactMap { unit in
            guard let end = reader.end(), let used = reader.amount(), let reserved = reader.amount(),
                reader.amount() != nil, reader.amount() != nil, end > now
            else { return nil }
            return CounterRecord(
                id: CounterID(subject: place.subject, service: place.service, unit: unit),
                counter: Counter(
                    window: unit.window.window(at: end - .milliseconds(1)), used: used, reserved: reserved))
        }
    }

    private func places(of key: SubjectKey, at services: some Sequence<ServiceID>) -> [QuotaPlace] {
        [QuotaPlace(key, nil)] + services.map { QuotaPlace(key, $0) }
    }

    /// All that there are: another process may have counted at one within the last second.
    private func services(of stored: [CounterRecord]) async throws -> [ServiceID] {
        Array(Set(stored.compactMap(\.id.service)).union(try await registered()))
    }

    /// Of two records of one counter the later one holds.
    private static func newest(_ records: [CounterRecord]) -> [CounterRecord] {
        Array(Dictionary(records.map { ($0.id, $0) }) { $1 }.values)
    }
}

extension MeterSubject {
    /// Counted by service only.
    fileprivate var isVisitor: Bool {
        switch self {
        case .user, .tenant, .serviceAccount: false
        case .network, .device: true
        }
    }
}
