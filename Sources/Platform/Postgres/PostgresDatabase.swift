import Lifecycle
import SQL
import Shared
import Threads

/// A database on a PostgreSQL server: a bounded pool of connections and as many threads.
///
/// Writes run at READ COMMITTED, reads on one snapshot (REPEATABLE READ, READ ONLY). A unit of work that lost its
/// connection before COMMIT, or was in conflict with others, is run again. While the server cannot be reached every
/// call throws `Unavailable` at once. Usable as soon as it was made; `run` only waits for the end and closes it.
package final class PostgresDatabase: Database, Service {
    package let name = "database"
    private let queue: WorkQueue
    private let pool: ConnectionPool
    private let threadEnds: [Latch]

    /// Starts the threads. Connects when there is something to do.
    ///
    /// - Parameter logger: told when the server is lost and found.
    /// - Throws: `Unavailable` if there are no threads left.
    package init(url: PostgresURL, logger: Logger = .silent, settings: PostgresSettings = PostgresSettings()) throws {
        queue = WorkQueue(limit: settings.queueLimit)
        pool = ConnectionPool(url, settings, logger)
        threadEnds = (0..<settings.connections).map { _ in Latch() }
        let catalog = ConstraintCatalog()
        let running = Monitor(settings.connections)
        do {
            for ended in threadEnds {
                try PoolThread(pool, queue, settings, catalog).start { [pool] in
                    let isLast = running.withLock { running in
                        running -= 1
                        return running == 0
                    }
                    if isLast { pool.close() }
                    ended.open()
                }
            }
        } catch {
            queue.close()
            throw error
        }
    }

    deinit {
        queue.close()
        pool.close()
    }

    package var dialect: Dialect { .postgres }

    /// What the pool does now, for metrics.
    package struct Statistics: Sendable {
        /// Open connections, also those being opened.
        package let open: Int
        /// Those that are in use.
        package let busy: Int
        /// Units of work that wait to begin.
        package let waiting: Int
    }

    package var statistics: Statistics {
        let counts = pool.counts
        return Statistics(open: counts.open, busy: counts.open - counts.idle, waiting: queue.count)
    }

    @discardableResult
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await queue.perform(isReadOnly: false, body)
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await queue.perform(isReadOnly: true, body)
    }

    /// The server's clock.
    ///
    /// - Throws: as `read`.
    package func time() async throws -> Timestamp? {
        let time = try await read { try $0.first("SELECT clock_timestamp()") { try $0.timestamp(0) } }
        guard let time else { throw InternalFailure("the server does not tell the time") }
        return time
    }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        await close(by: lifecycle.deadline)
    }

    /// Refuses new work, finishes what waits and closes the connections. Later calls throw `Unavailable`. May be
    /// called more than once.
    ///
    /// - Parameter deadline: what still waits then is refused; nil waits for all of it.
    package func close(by deadline: ContinuousClock.Instant?) async {
        queue.close()
        await withTaskGroup(of: Void.self) { group in
            if let deadline {
                group.addTask { [queue] in
                    guard (try? await Task.sleep(until: deadline)) != nil else { return }
                    queue.abandon()
                }
            }
            for ended in threadEnds { await ended.wait() }
            group.cancelAll()
        }
    }
}
