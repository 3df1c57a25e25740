import SQL
import Shared

/// What operators see of events that were given up, and do with them.
package struct DeadLetters: Sendable {
    package struct Outcome: Sendable, Equatable {
        /// How many letters were replayed or discarded.
        package let count: Int
        /// How many more are meant: say it again.
        package let remaining: Int
        /// How many are meant that cannot be replayed, because their group is gone.
        package let withoutGroup: Int
    }

    /// What else is written with each letter: who did it.
    package typealias Note = @Sendable (DeadLetter, any SQLTransaction) throws -> Void

    private let database: any Database
    private let clock: any WallClock

    /// At once, in one transaction.
    package static let batchSize = 500

    package init(_ database: any Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// The events of the latest first.
    package func list(
        _ filter: DeadLetterFilter, _ part: PageRequest<DeadLetterKey>
    ) async throws -> Page<DeadLetter, DeadLetterKey> {
        var condition = filter.condition
        if let last = part.after {
            // By the first alone, too: so the index of a group begins there.
            condition = "\(condition) AND id <= \(last.event) AND (id, group_name) < (\(last.event), \(last.group))"
        }
        let filters = condition
        let letters = try await database.read { transaction in
            try transaction.query(
                """
                SELECT \(DeadLetter.columns) FROM dead_letters WHERE \(filters)
                ORDER BY id DESC, group_name DESC LIMIT \(part.limit + 1)
                """, DeadLetter.init)
        }
        return Page(overfetched: letters, limit: part.limit, by: DeadLetterKey.init)
    }

    /// Gives a batch of letters back to their groups, the events of the first letters first, with all their attempts
    /// before them. Later events of their subjects wait behind them meanwhile.
    ///
    /// - Parameter note: runs in the transaction, for each letter.
    package func replay(
        _ filter: DeadLetterFilter, noting note: @escaping Note = { _, _ in }
    ) async throws -> Outcome {
        let now = clock.now
        return try await database.write { transaction in
            // In one order, and before the letters: a group that is being removed is gone first, or waits.
            let groups = try transaction.query("SELECT name, types FROM consumer_groups ORDER BY name\(forUpdate)") {
                (name: try $0.text(0), types: try $0.optionalText(1))
            }
            let letters = try Self.batch(filter, Self.hasGroup, in: transaction)
            for letter in letters {
                for group in groups where try Self.isOwed(letter, name: group.name, types: group.types) {
                    let row = EventRow(letter.event, partition: EventPartition.of(letter.event.subject))
                    try transaction.submit(ParkedEvent(group: group.name, row: row, nextAttemptAt: now).insertion)
                }
                try Self.remove(letter, in: transaction)
                try note(letter, transaction)
            }
            return Outcome(
                count: letters.count, remaining: try Self.count(filter, Self.hasGroup, in: transaction),
                withoutGroup: try Self.count(filter, "NOT (\(Self.hasGroup))", in: transaction))
        }
    }

    /// Removes a batch of letters for good: their groups never have these events.
    ///
    /// - Parameter note: runs in the transaction, for each letter.
    package func discard(
        _ filter: DeadLetterFilter, noting note: @escaping Note = { _, _ in }
    ) async throws -> Outcome {
        try await database.write { transaction in
            let letters = try Self.batch(filter, "1 = 1", in: transaction)
            for letter in letters {
                try Self.remove(letter, in: transaction)
                try note(letter, transaction)
            }
            return Outcome(
                count: letters.count, remaining: try Self.count(filter, "1 = 1", in: transaction), withoutGroup: 0)
        }
    }

    private static let hasGroup: Statement =
        "group_name = '' OR EXISTS (SELECT 1 FROM consumer_groups WHERE name = group_name)"

    /// A letter of 0.1.0 goes to every group that hears of its type; those that have had the event know it.
    private static func isOwed(_ letter: DeadLetter, name: String, types: String?) throws -> Bool {
        guard letter.group.isEmpty else { return letter.group == name }
        guard let types else { return true }
        return try EventCoding.decode(Set<String>.self, from: types).contains(letter.event.type)
    }

    private static func batch(
        _ filter: DeadLetterFilter, _ condition: Statement, in transaction: any SQLTransaction
    ) throws -> [DeadLetter] {
        try transaction.query(
            """
            SELECT \(DeadLetter.columns) FROM dead_letters WHERE \(filter.condition) AND (\(condition))
            ORDER BY id, group_name LIMIT \(batchSize)\(forUpdate)
            """, DeadLetter.init)
    }

    private static func remove(_ letter: DeadLetter, in transaction: any SQLTransaction) throws {
        try transaction.submit(
            "DELETE FROM dead_letters WHERE id = \(letter.event.id) AND group_name = \(letter.group)")
    }

    private static func count(
        _ filter: DeadLetterFilter, _ condition: Statement, in transaction: any SQLTransaction
    ) throws -> Int {
        try transaction.first(
            "SELECT count(*) FROM dead_letters WHERE \(filter.condition) AND (\(condition))"
        ) { try $0.integer(0) } ?? 0
    }
}
