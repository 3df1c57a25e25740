import AccessContract
import AccessDomain
import Shared

/// Where a meter in memory keeps what must outlive the process.
protocol CounterJournal: Sendable {
    /// The counters of a subject whose windows are not over, and others in which something is still set aside.
    func counters(of subject: SubjectKey, at now: Timestamp) async throws -> [CounterRecord]

    /// Writes all of it or nothing; durable when it returns. Counters replace what was there.
    func write(_ counters: [CounterRecord], _ entries: [JournalEntry]) async throws

    func reservation(_ id: ReservationID) async throws -> StoredReservation?
    func reservation(caller: Identifier, key: String) async throws -> StoredReservation?
    /// Reservations that nobody ended in time, the oldest first.
    func overdue(at now: Timestamp, limit: Int) async throws -> [ReservationID]
    func isDone(_ merge: DeviceMerge) async throws -> Bool
}

/// What is written together with counters.
enum JournalEntry: Sendable {
    case reserved(StoredReservation)
    case ended(Reservation)
    case merged(DeviceMerge)
}
