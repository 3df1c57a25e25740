import AccessApplication
import AccessDomain
import AccessInfrastructure
import Crypto
import Lifecycle
import SQL
import Shared

/// How requests are counted: in memory with a journal where one process serves the database, in SQL where several may.
struct Metering: Sendable {
    let meter: any Meter
    let services: [any Service]
    let usage: any UsageReader
    /// What to do when another process has put counts back.
    let forget: @Sendable (MeterSubject) async throws -> Void

    init(database: any Database, masterKey: MasterKey, clock: any WallClock, logger: Logger) {
        switch database.dialect {
        case .sqlite:
            let meter = InMemoryMeter(database: database, masterKey: masterKey, clock: clock, logger: logger)
            self.meter = meter
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey) { try await meter.flush() }
            forget = { try await meter.reset($0) }
        case .postgres:
            let meter = SQLMeter(database: database, masterKey: masterKey, clock: clock, logger: logger)
            self.meter = meter
            services = meter.services
            usage = SQLUsageReader(database: database, masterKey: masterKey)
            forget = { _ in }
        }
    }
}
