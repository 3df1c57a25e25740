import Lifecycle
import SQL
import Shared
import Synchronization
import Threads

/// A database in a file: one thread that writes and a few that read, each with a connection of its own.
///
/// Commits are durable when `write` returns (write-ahead log, `synchronous=FULL`). Other processes may use the file
/// too, in short transactions; a second server is kept off by `SQLiteLock`. Usable as soon as it was made; `run` only
/// waits for the end and closes it.
package final class SQLiteDatabase: Database, Service {
    package let name = "database"
    private let writes: WorkQueue
    private let reads: WorkQueue
    /// Opened by the threads, one each.
    private let threadEnds: [Latch]

    /// Opens the file and starts the threads. Blocks briefly.
    ///
    /// - Parameters:
    ///   - path: made with mode 0600 if it is missing, its folders with 0700.
    ///   - logger: for groups that had to be run again and for trouble at the end.
    /// - Throws: `SQLiteOpenFailure`; `Unavailable` if there are no threads left.
    package init(path: String, logger: Logger = .silent, settings: SQLiteSettings = SQLiteSettings()) throws {
        writes = WorkQueue(limit: settings.queueLimit)
        reads = WorkQueue(limit: settings.queueLimit)
        threadEnds = (0...settings.readers).map { _ in Latch() }
        let openReaders = Monitor(0)
        let file = DatabaseFile(path)
        try file.makeFolder()
        do {
            try DatabaseFile.opening.withLock { _ in
                try file.makeFile()
                let connection = try SQLiteConnection.open(file, isReadOnly: false, settings)
                let writer = SQLiteWriter(
                    connection, writes, openReaders: openReaders, groupLimit: settings.groupLimit, logger: logger)
                try writer.start(ended: threadEnds[0])
            }
            for ended in threadEnds.dropFirst() {
                let connection = try SQLiteConnection.open(file, isReadOnly: true, settings)
                try SQLiteReader(connection, reads, openReaders: openReaders).start(ended: ended)
            }
        } catch {
            writes.close()
            reads.close()
            throw error
        }
    }

    deinit {
        writes.close()
        reads.close()
    }

    package var dialect: Dialect { .sqlite }

    /// How many units of work wait to begin, for metrics.
    package var waitingWrites: Int { writes.count }
    package var waitingReads: Int { reads.count }

    @discardableResult
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await writes.perform(body)
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await reads.perform(body)
    }

    package func time() async throws -> Timestamp? {
        try await read { transaction in
            _ = try transaction.first("SELECT 1") { try $0.integer(0) }
            return nil
        }
    }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        await close(by: lifecycle.deadline)
    }

    /// Refuses new work, finishes what waits, brings the log into the file and closes it. Later calls throw
    /// `Unavailable`. May be called more than once.
    ///
    /// - Parameter deadline: what still waits then is refused; nil waits for all of it.
    package func close(by deadline: ContinuousClock.Instant?) async {
        reads.close()
        writes.close()
        await withTaskGroup(of: Void.self) { group in
            if let deadline {
                group.addTask { [reads, writes] in
                    guard (try? await Task.sleep(until: deadline)) != nil else { return }
                    reads.abandon()
                    writes.abandon()
                }
            }
            for ended in threadEnds { await ended.wait() }
            group.cancelAll()
        }
    }
}
