import AccessApplication
import AccessDomain
import Composition
import Lifecycle
import Redis
import SQL
import Shared
import Telemetry

/// How requests are counted: in memory with a journal where one process serves the database; where several may, in
/// Redis if there is one, else in SQL.
package struct Metering: Sendable {
    package let meter: any Meter
    /// The same counters for a command that runs beside the servers.
    package let shared: any Meter
    package let services: [any Service]
    /// Of the same counters as the meter's.
    package let usage: any UsageReader
    /// Called when another process has put back what somebody used: a meter in memory forgets it; one that remembers
    /// nothing needs nothing.
    package let forget: @Sendable (MeterSubject) async throws -> Void
    /// Called when somebody's plan may be another one.
    package let reread: @Sendable (Identifier) async -> Void
    /// What was counted under names, of which a meter in memory has the caller remember its own.
    package let counted: @Sendable (_ answered: any AnsweredRequests) -> any CountedRequests

    package init(
        meter: any Meter, shared: any Meter, services: [any Service], usage: any UsageReader,
        forget: @escaping @Sendable (MeterSubject) async throws -> Void,
        reread: @escaping @Sendable (Identifier) async -> Void = { _ in },
        counted: @escaping @Sendable (_ answered: any AnsweredRequests) -> any CountedRequests
    ) {
        self.meter = meter
        self.shared = shared
        self.services = services
        self.usage = usage
        self.forget = forget
        self.reread = reread
        self.counted = counted
    }

    /// - Parameter degradedMax: how long a meter in memory goes on while counts cannot be written.
    init(_ resources: ModuleResources, degradedMax: Duration) {
        let (database, masterKey, clock) = (resources.database, resources.masterKey, resources.clock)
        let sql = SQLMeter(database: database, masterKey: masterKey, clock: clock, logger: resources.logger)
        switch (database.dialect, resources.redis) {
        case (.sqlite, _):
            let meter = InMemoryMeter(
                database: database, masterKey: masterKey, clock: clock, logger: resources.logger,
                degradedMax: degradedMax)
            self.meter = meter
            shared = sql
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey) { try await meter.flush() }
            forget = { try await meter.reset($0) }
            reread = { _ in }
            counted = { answered in
                InMemoryCountedRequests(answered: answered, clock: clock) { draw, countedAt in
                    try await meter.giveBack(draw, countedAt: countedAt)
                }
            }
        case (.postgres, nil):
            meter = sql
            shared = sql
            services = sql.services
            usage = SQLUsageReader(database: database, masterKey: masterKey)
            forget = { _ in }
            reread = { _ in }
            counted = { _ in sql }
        case (.postgres, let client?):
            let meter = RedisMeter(
                client, database: database, masterKey: masterKey, clock: clock, random: resources.random,
                logger: resources.logger, timeout: client.timeout ?? RedisMeter.patience, signals: resources.signals)
            self.meter = meter
            shared = meter
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey) { try await meter.flush() }
            forget = { meter.forget($0) }
            reread = { await meter.reread($0) }
            counted = { _ in meter }
            resources.metrics.counter(
                "quota_degraded_decisions_total",
                help: "Decisions by last known counts while Redis was away."
            ) { Double(meter.degradedCount) }
        }
    }
}
