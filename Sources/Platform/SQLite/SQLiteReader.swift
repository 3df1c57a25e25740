import Lifecycle
import SQL
import Shared
import Threads

/// One of the threads that read, with a connection of its own.
///
/// `@unchecked Sendable`: the connection is used by the thread only, once `start` was called.
final class SQLiteReader: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let queue: WorkQueue
    private let openReaders: Monitor<Int>

    /// - Parameter openReaders: how many readers have not closed yet; the writer closes after them.
    init(_ connection: SQLiteConnection, _ queue: WorkQueue, openReaders: Monitor<Int>) {
        self.connection = connection
        self.queue = queue
        self.openReaders = openReaders
    }

    /// - Parameter ended: opened when the queue is closed, everything in it was done and the connection is closed.
    func start(ended: Latch) throws {
        openReaders.withLock { $0 += 1 }
        do {
            try OwnThread("sqlite") {
                self.work()
                self.connection.close()
                self.leave()
                ended.open()
            }
        } catch {
            leave()
            throw error
        }
    }

    private func leave() {
        openReaders.withLock { $0 -= 1 }
        openReaders.signalAll()
    }

    private func work() {
        while let works = queue.take(1) {
            for work in works { run(work) }
        }
    }

    private func run(_ work: Work) {
        let transaction = SQLiteTransaction(connection)
        do {
            try connection.control("BEGIN")
            let tell = try work.run(transaction)
            transaction.end()
            // Nothing was written: leaving the snapshot cannot lose anything.
            try connection.control("COMMIT")
            tell()
        } catch {
            transaction.end()
            if connection.isInTransaction { _ = try? connection.control("ROLLBACK") }
            work.fail(error)
        }
    }
}
