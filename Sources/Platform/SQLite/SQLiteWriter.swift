import Lifecycle
import SQL
import Shared
import Threads

/// The one thread that writes.
///
/// Units of work that wait together share a commit, and their callers are told after it. If one fails, nobody was told
/// anything: all is undone and they are run again with a savepoint each, so that only those fail that fail alone. (A
/// savepoint costs a copy of every page that is changed, and nearly all units succeed.) If the whole group is lost, on
/// a full disk for example, its members are run once more, one by one.
///
/// `@unchecked Sendable`: the connection is used by the thread only, once `start` was called.
final class SQLiteWriter: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let queue: WorkQueue
    private let openReaders: Monitor<Int>
    private let groupLimit: Int
    private let logger: Logger

    /// - Parameter openReaders: the connection is closed when there are none any more.
    init(
        _ connection: SQLiteConnection, _ queue: WorkQueue, openReaders: Monitor<Int>, groupLimit: Int, logger: Logger
    ) {
        self.connection = connection
        self.queue = queue
        self.openReaders = openReaders
        self.groupLimit = groupLimit
        self.logger = logger
    }

    /// - Parameter ended: opened when the queue is closed, everything in it was done and the connection is closed.
    func start(ended: Latch) throws {
        try OwnThread("sqlite") {
            self.work()
            self.connection.close()
            ended.open()
        }
    }

    private func work() {
        while let group = queue.take(groupLimit) { commit(group) }
        // Who closes last deletes the log, which a reader may not.
        openReaders.wait { $0 == 0 ? () : nil }
        do {
            try connection.checkpoint()
        } catch {
            logger.warning("the database's log was not brought into its file", ["error": "\(error)"])
        }
    }

    private func commit(_ group: [Work]) {
        do {
            try connection.control("BEGIN IMMEDIATE")
        } catch {
            for member in group { member.fail(error) }
            return
        }
        if let only = group.first, group.count == 1 { return commitAlone(only) }
        do {
            try commit(group, running: run)
        } catch {
            rollBack()
            commitApart(group)
        }
    }

    private func commitApart(_ group: [Work]) {
        do {
            try connection.control("BEGIN IMMEDIATE")
            try commit(group, running: runInSavepoint)
        } catch {
            rollBack()
            logger.warning("a group of units of work was lost, each is run again", ["error": "\(error)"])
            for member in group { commit([member]) }
        }
    }

    private func commit(_ group: [Work], running run: (Work) throws -> () -> Void) throws {
        let outcomes = try group.map(run)
        try connection.control("COMMIT")
        for tell in outcomes { tell() }
    }

    /// - Returns: what tells the member's caller, after the commit.
    private func run(_ member: Work) throws -> () -> Void {
        let transaction = SQLiteTransaction(connection)
        defer { transaction.end() }
        let tell = try member.run(transaction)
        if let loss = transaction.loss { throw loss }
        return tell
    }

    /// - Returns: what tells the member's caller, after the commit.
    /// - Throws: if the whole group is lost.
    private func runInSavepoint(_ member: Work) throws -> () -> Void {
        try connection.control("SAVEPOINT member")
        let transaction = SQLiteTransaction(connection)
        let result = Result { try member.run(transaction) }
        transaction.end()
        if let loss = transaction.loss { throw loss }
        switch result {
        case .success(let tell):
            try connection.control("RELEASE member")
            return tell
        case .failure(let error):
            try connection.control("ROLLBACK TO member")
            try connection.control("RELEASE member")
            return { member.fail(error) }
        }
    }

    private func commitAlone(_ work: Work) {
        do {
            try commit([work], running: run)
        } catch {
            rollBack()
            work.fail(error)
        }
    }

    private func rollBack() {
        guard connection.isInTransaction else { return }
        do {
            try connection.control("ROLLBACK")
        } catch {
            logger.error("a transaction could not be rolled back", ["error": "\(error)"])
        }
    }
}
