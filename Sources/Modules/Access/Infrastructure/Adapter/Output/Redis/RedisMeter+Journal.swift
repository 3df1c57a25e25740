import AccessApplication
import AccessDomain
import Lifecycle
import SQL
import Shared
import Synchronization

/// The database has what was counted a second later: for reports, for a process that begins, and for a Redis that has
/// lost everything.
extension RedisMeter {
    private static let batch = 500

    /// After the database and the client in the order of starting.
    package var services: [any Service] {
        [
            PollingService(
                "quota-journal", wakeup: wakeup, logger: logger,
                work: { try await self.catchUp() }, atEnd: { try await self.flush() }),
            PollingService("reservation-expiry", logger: logger) { try await self.expireReservations() },
        ]
    }

    private func catchUp() async throws -> Int {
        for group in memory.withLock({ $0.owingGroups }) {
            do {
                try await bringBack(group)
            } catch is Loss {
                break
            }
        }
        try await flush()
        return 0
    }

    /// Writes what has changed.
    func flush() async throws {
        while true {
            let records = memory.withLock { $0.takeDirty(limit: Self.batch) }
            if records.isEmpty { return }
            do {
                try await database.write { try SQLCounterTable(transaction: $0).raise(records) }
            } catch {
                memory.withLock { $0.putBack(records) }
                throw error
            }
        }
    }

    /// Reads who is not known from the database.
    ///
    /// - Returns: false if it cannot be asked.
    func load(_ call: QuotaDraw) async -> Bool {
        // Nearly always.
        let isKnown = memory.withLock { memory in
            for place in call.places where !memory.knows(place.subject) { return false }
            return true
        }
        return isKnown ? true : await load(call.places.map(\.subject))
    }

    func load(_ subjects: [SubjectKey]) async -> Bool {
        let unknown = memory.withLock { memory in Set(subjects.filter { !memory.knows($0) }) }
        for subject in unknown {
            do {
                try await loads.alone(subject) {
                    if memory.withLock({ $0.knows(subject) }) { return }
                    let now = moment().now
                    let records = try await database.read {
                        try SQLCounterTable(transaction: $0).open(of: [subject], at: now)
                    }
                    memory.withLock { $0.install(subject, records) }
                }
            } catch {
                return false
            }
        }
        return true
    }
}
