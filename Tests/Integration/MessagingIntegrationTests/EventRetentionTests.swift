import DatabaseSupport
import Retention
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The end of what events leave behind")
struct EventRetentionTests {
    private static let retention = EventRetention(inbox: .seconds(30 * 86_400), deadLetters: .seconds(90 * 86_400))

    @Test("the inbox and the dead letters are pruned after their time, by an index and in batches")
    func pruned() async throws {
        try await withMessagingHouse { house in
            let planned = PlannedDatabase(house.database)
            try await house.database.write { transaction in
                for number in 1...3 as ClosedRange<UInt64> {
                    let id = SequentialIdentifiers.identifier(number)
                    let age = house.clock.now - .seconds(Int64(number) * 86_400)
                    #expect(try Inbox.accept(id, by: "consumer", at: age, in: transaction))
                    try transaction.submit(
                        """
                        INSERT INTO dead_letters (id, group_name, source, type, subject, time, data, attempts, error,
                            buried_at)
                        VALUES (\(id), 'group', '/gapura/test', 'thing.happened', \(id), \(age), \(json: "{}"), 3,
                            'it failed', \(age))
                        """)
                }
            }
            let prunes = Self.retention.prunes(in: planned)
            #expect(prunes.map(\.name) == ["inbox", "dead_letters"])
            func pruned(after days: Int, limit: Int = .max) async throws -> [Int] {
                let now = house.clock.now + .seconds(days * 86_400)
                var counts: [Int] = []
                for prune in prunes { counts.append(try await prune.remove(at: now, limit: limit)) }
                return counts
            }
            // They are one, two and three days old.
            #expect(try await pruned(after: 27) == [0, 0])
            #expect(try await pruned(after: 28) == [1, 0])
            #expect(try await pruned(after: 30, limit: 1) == [1, 0])
            #expect(try await pruned(after: 30) == [1, 0])
            #expect(try await pruned(after: 87) == [0, 0])
            #expect(try await pruned(after: 88) == [0, 1])
            #expect(try await pruned(after: 90) == [0, 2])
            #expect(planned.scans == [])
            #expect(planned.statementCount == 2)
        }
    }
}
