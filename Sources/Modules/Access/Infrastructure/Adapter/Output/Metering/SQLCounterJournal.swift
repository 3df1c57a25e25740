import AccessContract
import AccessDomain
import SQL
import Shared

/// The journal in tables.
struct SQLCounterJournal: CounterJournal {
    let database: any Database
    let keys: SubjectKeys

    func counters(of subject: SubjectKey, at now: Timestamp) async throws -> [CounterRecord] {
        try await database.read { try SQLCounterTable(transaction: $0).all(of: subject, at: now) }
    }

    func write(_ counters: [CounterRecord], _ entries: [JournalEntry]) async throws {
        try await database.write { transaction in
            for entry in entries {
                let reservations = SQLReservationTable(transaction: transaction, keys: keys)
                switch entry {
                case .reserved(let reservation): try reservations.insert(reservation)
                case .ended(let reservation): try reservations.update(reservation)
                case .merged(let merge): _ = try SQLDeviceMergeTable(transaction: transaction).insert(merge)
                }
            }
            try SQLCounterTable(transaction: transaction).save(counters)
        }
    }

    func reservation(_ id: ReservationID) async throws -> StoredReservation? {
        try await database.read { try SQLReservationTable(transaction: $0, keys: keys).find(id) }
    }

    func reservation(caller: Identifier, key: String) async throws -> StoredReservation? {
        try await database.read { try SQLReservationTable(transaction: $0, keys: keys).find(caller: caller, key: key) }
    }

    func overdue(at now: Timestamp, limit: Int) async throws -> [ReservationID] {
        try await database.read {
            try SQLReservationTable(transaction: $0, keys: keys).overdue(at: now, limit: limit)
        }
    }

    func isDone(_ merge: DeviceMerge) async throws -> Bool {
        try await database.read { try SQLDeviceMergeTable(transaction: $0).holds(merge) }
    }
}
