import DatabaseSupport
import NotificationsApplication
import NotificationsDomain
import NotificationsPortSuites
import Retention
import SQL
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("The end of what mails leave behind")
struct NotificationsRetentionTests {
    private static let day = 86_400

    @Test("what is sent, who refused mails and what webhooks had is forgotten after its time; what is queued stays")
    func pruned() async throws {
        try await withNotificationsHouse { house in
            let planned = PlannedDatabase(house.database)
            let start = house.clock.now
            try await house.database.write { transaction in
                for (number, state) in ["queued", "sent", "dropped", "failed"].enumerated() {
                    let id = Identifier(high: Identifier.lowerBound(at: start).high, low: UInt64(number + 1))
                    try transaction.submit(
                        """
                        INSERT INTO notifications (id, dedupe_key, template, reference, state, attempts,
                            next_attempt_at, created_at)
                        VALUES (\(id), \(state), 'verify_email', \(id), \(state), 0, \(start), \(start))
                        """)
                }
            }
            let work = try house.work()
            try await work.write { context in
                try context.suppressions.put(
                    MailSuppression(
                        address: try #require(EmailAddress("ana@example.com")), userID: nil, reason: "550",
                        createdAt: start))
                try WebhookSample.fill(context)
            }
            let prunes = NotificationsRetention(
                notifications: .seconds(90 * Self.day), suppressions: .seconds(365 * Self.day),
                webhookDeliveries: .seconds(30 * Self.day)
            ).prunes(in: planned)
            func pruned(after days: Int) async throws -> [Int] {
                var counts: [Int] = []
                for prune in prunes { counts.append(try await prune.remove(at: start + .seconds(days * Self.day))) }
                return counts
            }
            #expect(try await pruned(after: 30) == [0, 0, 0])
            #expect(try await pruned(after: 31) == [0, 2, 0])
            #expect(try await pruned(after: 90) == [0, 0, 0])
            #expect(try await pruned(after: 91) == [3, 0, 0])
            #expect(try await pruned(after: 366) == [0, 0, 1])
            #expect(try await house.count("notifications") == 1)
            #expect(try await house.count("webhook_deliveries") == 3)
            #expect(planned.scans == [])
            #expect(planned.statementCount == 3)
        }
    }

    @Test("what is due is found by an index", arguments: Dialect.allCases)
    func due(_ dialect: Dialect) async throws {
        try await withDatabase(dialect, [.messaging, .module("Notifications")]) { database in
            let planned = PlannedDatabase(database)
            let work = try NotificationsHouse(database: planned).work()
            let now = Timestamp(seconds: 1_790_000_000)
            for retried in [true, false] {
                #expect(
                    try await work.read { try $0.notifications.due(at: now, retried: retried, limit: 5).isEmpty })
            }
            #expect(planned.scans == [])
            #expect(planned.statementCount == 1)
        }
    }
}
