import AccessApplication
import AccessDomain
import Crypto
import Lifecycle
import SQL
import Shared

/// How requests are counted: in memory with a journal where one process serves the database, in SQL where several may.
package struct Metering: Sendable {
    package let meter: any Meter
    package let services: [any Service]
    /// Of the same counters as the meter's.
    package let usage: any UsageReader
    /// Called when another process has put back what somebody used: a meter in memory forgets it; one that remembers
    /// nothing needs nothing.
    package let forget: @Sendable (MeterSubject) async throws -> Void
    /// What was counted under names, of which a meter in memory has the caller remember its own.
    package let counted: @Sendable (_ answered: any AnsweredRequests) -> any CountedRequests

    package init(
        meter: any Meter, services: [any Service], usage: any UsageReader,
        forget: @escaping @Sendable (MeterSubject) async throws -> Void,
        counted: @escaping @Sendable (_ answered: any AnsweredRequests) -> any CountedRequests
    ) {
        self.meter = meter
        self.services = services
        self.usage = usage
        self.forget = forget
        self.counted = counted
    }

    /// - Parameter degradedMax: how long a meter in memory goes on while counts cannot be written.
    init(
        database: any Database, masterKey: MasterKey, clock: any WallClock, logger: Logger, degradedMax: Duration
    ) {
        switch database.dialect {
        case .sqlite:
            let meter = InMemoryMeter(
                database: database, masterKey: masterKey, clock: clock, logger: logger, degradedMax: degradedMax)
            self.meter = meter
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey) { try await meter.flush() }
            forget = { try await meter.reset($0) }
            counted = { answered in
                InMemoryCountedRequests(answered: answered, clock: clock) { try await meter.giveBack($0, countedAt: $1) }
            }
        case .postgres:
            let meter = SQLMeter(database: database, masterKey: masterKey, clock: clock, logger: logger)
            self.meter = meter
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey)
            forget = { _ in }
            counted = { _ in meter }
        }
    }
}
