import Postgres
import SQL
import SQLite
import Shared
import Synchronization

enum ProbeDatabase {
    /// - Parameter url: as `DATABASE_URL`.
    static func open(_ url: String) throws -> any Database {
        guard url.hasPrefix("sqlite:") else {
            return try PostgresDatabase(
                url: PostgresURL(url), logger: .silent, settings: PostgresSettings(connections: 8))
        }
        return try SQLiteDatabase(path: String(url.dropFirst("sqlite:".count)), logger: .silent)
    }
}

/// A clock that runs faster than the others, and the same in every process.
struct FastClock: WallClock {
    let speed: Int64

    private static let origin = Timestamp(seconds: 1_760_000_000)

    var now: Timestamp {
        let passed = SystemWallClock().now.milliseconds - Self.origin.milliseconds
        return Timestamp(milliseconds: Self.origin.milliseconds + passed * speed)
    }
}

/// A clock that is moved from minute to minute.
final class StepClock: WallClock {
    private let moment: Mutex<Timestamp>

    init(_ start: Timestamp) { moment = Mutex(start) }

    var now: Timestamp { moment.withLock { $0 } }

    func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }
}

extension Duration {
    var inSeconds: Double { self / .seconds(1) }
}
