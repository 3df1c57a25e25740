import AccountsDomain
import Crypto
import Lifecycle
import SQL
import Shared

/// Tells this process what others did that counts at once: reads new revocations twice a second, and the last ten
/// seconds' again, because rows do not become visible in the order of their times; and which signing keys there are.
struct RevocationFeed: Sendable {
    let database: any Database
    let list: RevocationList
    let keys: SigningKeys
    let clock: any WallClock
    let logger: Logger

    private static let interval: Duration = .milliseconds(500)
    private static let overlap: Duration = .seconds(10)

    var service: PollingService {
        PollingService("revocations", interval: Self.interval, logger: logger) {
            try await read()
            return 0
        }
    }

    func read() async throws {
        let now = clock.now
        let since = list.lastRead.map { $0 - Self.overlap }
        let (found, keyVersions) = try await database.read { transaction in
            (
                try SQLRevocations(transaction: transaction).since(since, at: now),
                try SQLSigningKeyStore.versions(in: transaction)
            )
        }
        // Who listens forgets what is stale before this process counts as one that knows.
        list.users.noteRead(found.compactMap { row in row.revocation.user.map { (row.number, $0) } })
        list.noteRead(found.map(\.revocation), at: now)
        try await keys.reload(unlessLoaded: keyVersions)
    }
}
