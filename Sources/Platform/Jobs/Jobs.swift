import Messaging
import SQL
import Shared
import Transactions

/// Where modules put work for the background: in the transaction of its cause, so that both happen or neither.
package struct Jobs: Sendable {
    private let identifiers: any IdentifierSource
    private let clock: any WallClock
    private let signals: JobSignals

    /// - Parameter signals: those of the worker in this process, so that a job need not wait for its next look.
    package init(identifiers: any IdentifierSource, clock: any WallClock, signals: JobSignals = JobSignals()) {
        self.identifiers = identifiers
        self.clock = clock
        self.signals = signals
    }

    /// - Parameters:
    ///   - unique: when there need be no second one.
    ///   - moment: not before; nil for at once.
    ///   - priority: 0 to 9, another one than its kind's.
    /// - Returns: which job does it.
    @discardableResult
    package func enqueue(
        _ job: some Job, unique: JobUniqueness? = nil, runAt moment: Timestamp? = nil, priority: Int? = nil,
        in context: SQLContext
    ) throws -> Enqueued {
        let queue = type(of: job).queue
        context.afterCommit { [signals] in signals.signal(queue) }
        return try enqueue(job, unique: unique, runAt: moment, priority: priority, in: context.transaction)
    }

    /// The same without waking the worker, which looks every second anyway.
    @discardableResult
    package func enqueue(
        _ job: some Job, unique: JobUniqueness? = nil, runAt moment: Timestamp? = nil, priority: Int? = nil,
        in transaction: any SQLTransaction
    ) throws -> Enqueued {
        var new = try NewJob(job, id: identifiers.next(), at: clock.now)
        if let moment { new.dueAt = moment }
        if let priority { new.priority = min(max(priority, 0), 9) }
        if let unique {
            new.uniqueKey = unique.key(kind: new.kind, arguments: new.arguments)
            new.uniqueUntil = unique.end(from: clock.now)
        }
        return try new.insert(in: transaction)
    }

    /// A job of a schedule; nil if there is one of this tick.
    func enqueue(
        _ job: some Job, of schedule: String, tick: Timestamp, in transaction: any SQLTransaction
    ) throws -> JobID? {
        var new = try NewJob(job, id: identifiers.next(), at: clock.now)
        new.schedule = schedule
        new.tick = tick
        return try new.insertOfTick(in: transaction)
    }

    /// Wakes the worker of this process.
    func signal(_ queue: String) { signals.signal(queue) }
}
