import AccessApplication
import Lifecycle
import SQL
import Shared

/// Tells this process what others changed: reads new changes several times a second, and the last ten seconds' again,
/// because rows do not become visible in the order of their times.
final class AccessChangeFeed: Freshness {
    private let database: any Database
    private let changes: AccessChanges
    private let clock: any WallClock
    private let logger: Logger
    /// Of many who find that nothing was heard for too long, one asks.
    private let reads = LoadingCache<Int, Bool>(capacity: 1)
    /// Signalled, it is read at once.
    let wakeup = Wakeup()

    private static let interval: Duration = .milliseconds(250)
    private static let overlap: Duration = .seconds(10)
    /// Rows are kept for so long; a process that has not read for half of it has missed some for all it knows.
    static let retention: Duration = .seconds(86_400)

    init(database: any Database, changes: AccessChanges, clock: any WallClock, logger: Logger) {
        self.database = database
        self.changes = changes
        self.clock = clock
        self.logger = logger
    }

    var services: [any Service] {
        [
            PollingService("access changes", wakeup: wakeup, interval: Self.interval, logger: logger) { [self] in
                try await read()
                return 0
            },
            PollingService("access changes clean-up", interval: .seconds(3_600), logger: logger) { [self] in
                let horizon = clock.now - Self.retention
                try await database.write { try SQLAccessChanges(transaction: $0).remove(before: horizon) }
                return 0
            },
        ]
    }

    func isFresh(at now: Timestamp) -> Bool { changes.isCurrent(at: now) }

    func refreshIfStale(at now: Timestamp) async throws {
        if isFresh(at: now) { return }
        _ = try await reads.value(0, at: now) { [self] in
            try await read()
            return .init(value: true, expiresAt: now)
        }
    }

    func read() async throws {
        let now = clock.now
        let last = changes.lastRead
        let since = (last ?? now) - Self.overlap
        var found = try await database.read { try SQLAccessChanges(transaction: $0).since(since) }
        if let last, now - last > Self.retention / 2 {
            found += [.services, .roles].map { NumberedChange(number: -1, change: $0) }
        }
        try await changes.noteRead(found, at: now)
    }
}
