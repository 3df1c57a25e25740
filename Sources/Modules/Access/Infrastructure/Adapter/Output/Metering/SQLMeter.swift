import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Lifecycle
import SQL
import Shared

/// Counts in SQL, exactly over any number of processes: each draw is one short unit of work of two round trips, which
/// locks its subjects, reads their counters, decides, and writes them.
///
/// Windows use the clock that it is given, and never go back behind one that another process has opened.
package struct SQLMeter: Meter {
    let database: any Database
    let keys: SubjectKeys
    let clock: any WallClock
    let logger: Logger

    /// - Parameter masterKey: under another one, anonymous counts begin anew.
    package init(database: any Database, masterKey: MasterKey, clock: any WallClock, logger: Logger) {
        self.init(database: database, keys: SubjectKeys(masterKey), clock: clock, logger: logger)
    }

    init(database: any Database, keys: SubjectKeys, clock: any WallClock, logger: Logger) {
        self.database = database
        self.keys = keys
        self.clock = clock
        self.logger = logger
    }

    /// What gives reservations back.
    package var services: [any Service] {
        [PollingService("reservation-expiry", logger: logger) { try await self.expireReservations() }]
    }

    package func take(_ draw: Draw) async throws -> DrawOutcome {
        let parts = draw.parts(keys)
        return try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            try table.lock(parts.map(\.id.subject))
            var sheet = try ChargeSheet(draw, parts, in: table, at: clock.now)
            let outcome = sheet.charges.take()
            try table.save(sheet.changed(outcome))
            return sheet.answer(outcome)
        }
    }

    package func recallTake(_ draw: Draw) -> DrawOutcome? { nil }
    package var canRecallTake: Bool { false }

    package func peek(_ draw: Draw) async throws -> DrawOutcome {
        let parts = draw.parts(keys)
        return try await database.read { transaction in
            var sheet = try ChargeSheet(draw, parts, in: SQLCounterTable(transaction: transaction), at: clock.now)
            return sheet.answer(sheet.charges.take(), tellsNews: false)
        }
    }

    package func usage(of subject: MeterSubject) async throws -> [MeteredUse] {
        let key = keys.key(of: subject)
        return try await database.read { transaction in
            let now = clock.now
            return try SQLCounterTable(transaction: transaction).open(of: [key], at: now).uses(at: now)
        }
    }

    package func reset(_ subject: MeterSubject) async throws {
        let key = keys.key(of: subject)
        try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            try table.lock([key])
            let records = try table.open(of: [key], at: clock.now)
            try table.save(records.map { CounterRecord(id: $0.id, counter: $0.counter.forgotten) })
        }
    }

    package func merge(_ merge: DeviceMerge) async throws {
        let (device, user) = (keys.key(of: .device(merge.device)), keys.key(of: .user(merge.user)))
        try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            guard try !SQLDeviceMergeTable(transaction: transaction).holds(merge) else { return }
            try table.lock([device, user])
            let now = clock.now
            let open = try table.open(of: [device, user], at: now)
            let additions = merge.additions(open.filter { $0.id.subject == device })
            // Noted once there was something to add: what the device uses later today is added then.
            guard !additions.isEmpty, try SQLDeviceMergeTable(transaction: transaction).insert(merge) else { return }
            let known = Dictionary(open.map { ($0.id, $0.counter) }) { $1 }
            try table.save(
                additions.map { addition in
                    let id = CounterID(subject: user, service: addition.service, unit: addition.unit)
                    var counter = known[id] ?? Counter(window: addition.unit.window.window(at: now))
                    counter.merge(used: addition.used)
                    return CounterRecord(id: id, counter: counter)
                })
        }
    }
}
