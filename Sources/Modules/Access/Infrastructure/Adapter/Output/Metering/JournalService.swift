import Lifecycle
import Shared
import Synchronization

/// Writes what a meter in memory counts: within 50 ms, at once if somebody waits, and all of it at the end.
struct JournalService: Service {
    /// From the beginning of one batch to that of the next. Leaves half of the 50 ms to the write itself.
    private static let interval: Duration = .milliseconds(25)
    /// Nothing was counted: a draw wakes it.
    private static let idleInterval: Duration = .seconds(1)
    /// Between two tries while nothing can be written; each is twice as long as the one before.
    private static let retryIntervalMax: Duration = .seconds(2)

    let name = "meter-journal"
    let meter: InMemoryMeter

    func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await lifecycle.shutdownRequested()
                meter.wakeup.signal()
            }
            var interval = Self.interval
            while !lifecycle.isShuttingDown, !Task.isCancelled {
                let next = ContinuousClock.now + interval
                let isBusy = await meter.writeBatch()
                interval = meter.isUnwritten ? min(interval * 2, Self.retryIntervalMax) : Self.interval
                if isBusy {
                    await meter.wakeup.wait(upTo: max(.zero, next - .now))
                } else {
                    await meter.wakeup.wait(about: Self.idleInterval)
                }
            }
            group.cancelAll()
        }
        await meter.close()
    }
}

extension InMemoryMeter {
    /// The journal, and what gives reservations back; after the database in the order of starting.
    package var services: [any Service] { [journalService, expiryService] }

    var journalService: any Service { JournalService(meter: self) }

    /// Whether the last batch could not be written.
    var isUnwritten: Bool { memory.withLock { $0.unwrittenSince != nil } }

    private var expiryService: any Service {
        PollingService("reservation-expiry", logger: logger) { try await self.expireReservations() }
    }

    /// - Returns: whether there was something to write.
    func writeBatch() async -> Bool {
        let now = clock.now
        let batch = memory.withLock { memory in
            memory.tidy(at: now)
            return memory.takeBatch()
        }
        guard let batch else { return false }
        await write(batch)
        return true
    }

    /// Writes what is left, and lets nothing more wait for the journal.
    func close() async {
        let last = memory.withLock { memory in
            memory.isClosed = true
            return memory.takeBatch()
        }
        if let last, !(await write(last)) {
            logger.error("the last counts could not be written", ["subjects": .integer(Int64(last.subjects.count))])
        }
    }

    @discardableResult
    private func write(_ batch: JournalBatch) async -> Bool {
        var result: Result<Void, any Error> = .success(())
        do {
            if !batch.counters.isEmpty || !batch.changes.isEmpty {
                try await journal.write(batch.counters, batch.changes.compactMap(\.entry))
            }
        } catch {
            result = .failure(error)
            tellFailure(error)
        }
        let isWritten = (try? result.get()) != nil
        let moment = stopwatch.elapsed
        memory.withLock { $0.finish(batch, isWritten: isWritten, at: moment) }
        batch.ticket.finish(result)
        return isWritten
    }

    /// Once a minute: the log may be on the disk that is full.
    private func tellFailure(_ error: any Error) {
        let now = stopwatch.elapsed
        let isDue = failureTold.withLock { told in
            if let last = told, now - last < .seconds(60) { return false }
            told = now
            return true
        }
        guard isDue else { return }
        logger.warning("counts could not be written, they are tried again", ["cause": "\(error)"])
    }
}
