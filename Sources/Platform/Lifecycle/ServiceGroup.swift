import Shared

/// Runs services: started one after the other, ended in reverse, each given what is left of the grace time.
package struct ServiceGroup: Sendable {
    private let services: [any Service]
    private let grace: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - services: in the order of starting; each may rely on those before it.
    ///   - grace: how long ending may take in all, before the rest is cancelled.
    package init(_ services: [any Service], grace: Duration, logger: Logger) {
        self.services = services
        self.grace = grace
        self.logger = logger
    }

    /// Runs until `stop` opens or a service ends by itself.
    ///
    /// - Parameters:
    ///   - stop: opened to end everything in order.
    ///   - started: called when every service runs.
    ///   - stopping: called before the first service is asked to end.
    /// - Throws: the first error of a service.
    package func run(
        until stop: Latch, started: @Sendable () -> Void = {}, stopping: @Sendable () -> Void = {}
    ) async throws {
        let lifecycles = services.map { _ in ServiceLifecycle() }
        let ended = services.map { _ in Latch() }
        let firstEnd = Latch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var startedCount = 0
            for (index, service) in services.enumerated() {
                guard !firstEnd.isOpen, !stop.isOpen else { break }
                startedCount += 1
                group.addTask {
                    defer {
                        ended[index].open()
                        firstEnd.open()
                    }
                    try await service.run(lifecycles[index])
                }
                await first(of: lifecycles[index].waitUntilStarted, firstEnd.wait, stop.wait)
                logger.debug("service started", ["service": .text(service.name)])
            }
            if !firstEnd.isOpen, !stop.isOpen { started() }
            await first(of: stop.wait, firstEnd.wait)
            stopping()
            let deadline = ContinuousClock.now + grace
            for index in (0..<startedCount).reversed() {
                lifecycles[index].requestShutdown(deadline: deadline)
                await first(of: ended[index].wait, { try? await Task.sleep(until: deadline) })
                if !ended[index].isOpen {
                    logger.warning("service did not end in time", ["service": .text(services[index].name)])
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func first(of events: (@Sendable () async -> Void)...) async {
        await withTaskGroup(of: Void.self) { group in
            for event in events { group.addTask { await event() } }
            await group.next()
            group.cancelAll()
        }
    }
}
