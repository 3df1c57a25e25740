import Lifecycle
import SQL
import Shared
import Threads

/// One of the threads that run units of work.
final class PoolThread: Sendable {
    private enum Outcome {
        case done(@Sendable () -> Void)
        case failed(any Error)
        case again(PostgresTransaction.Retry, any Error)
    }

    /// How often a unit of work is run at the most if it is in conflict with others.
    private static let attemptLimit = 6

    private let pool: ConnectionPool
    private let queue: WorkQueue
    private let settings: PostgresSettings
    private let catalog: ConstraintCatalog

    init(_ pool: ConnectionPool, _ queue: WorkQueue, _ settings: PostgresSettings, _ catalog: ConstraintCatalog) {
        self.pool = pool
        self.queue = queue
        self.settings = settings
        self.catalog = catalog
    }

    /// - Parameter ended: called on the thread when the queue is closed and everything in it was done.
    func start(ended: @escaping @Sendable () -> Void) throws {
        try OwnThread("postgres") {
            while let works = self.queue.take(1) {
                for work in works { self.run(work) }
            }
            ended()
        }
    }

    private func run(_ work: Work) {
        let end = ContinuousClock.now + settings.patience
        var attempts = 0
        while true {
            attempts += 1
            switch attempt(work) {
            case .done(let tell): return tell()
            case .failed(let error): return work.fail(error)
            case .again(let retry, let error):
                if attempts >= Self.attemptLimit { return work.fail(error) }
                switch retry {
                case .connection where ContinuousClock.now >= end: return work.fail(error)
                case .connection: continue
                case .conflict: Self.pause(attempts)
                }
            }
        }
    }

    private func attempt(_ work: Work) -> Outcome {
        let connection: PostgresConnection
        do {
            connection = try pool.take()
        } catch {
            return .failed(error)
        }
        defer { pool.giveBack(connection) }
        let transaction = PostgresTransaction(connection, isReadOnly: work.isReadOnly, settings, catalog)
        defer { transaction.end() }
        do {
            let tell = try work.run(transaction)
            try transaction.commit()
            return .done(tell)
        } catch {
            if let retry = transaction.retry { return .again(retry, transaction.loss ?? error) }
            return .failed(error)
        }
    }

    /// So that two that hinder each other do not meet again.
    private static func pause(_ attempts: Int) {
        let pause = Duration.milliseconds(Int64.random(in: 1...(10 << min(attempts, 4))))
        _ = Monitor(()).wait(upTo: pause) { _, isLast in isLast ? () : nil }
    }
}
