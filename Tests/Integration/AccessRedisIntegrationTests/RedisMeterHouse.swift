import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import Assets
import Crypto
import DatabaseSupport
import Lifecycle
import Redis
import RedisSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

/// Meters over Redis and a database, as several processes have them. Each house has an installation's own keys.
struct RedisMeterHouse: Sendable {
    let clock = ManualClock()
    let log = RecordingLogSink()
    let masterKey: MasterKey

    init() throws {
        masterKey = try MasterKey(keys: [Secret(SystemRandomSource().bytes(MasterKey.byteCount))])
    }

    func meter(
        _ client: RedisClient, _ database: any Database, timeout: Duration = .seconds(60),
        services: [ServiceID] = [MeterScene.service(1), MeterScene.service(2)],
        signals: (any ProcessSignals)? = nil, healing: Duration = .seconds(2)
    ) -> RedisMeter {
        RedisMeter(
            client, sql: SQLMeter(database: database, masterKey: masterKey, clock: clock, logger: log.logger()),
            names: QuotaKeys(masterKey), node: SystemRandomSource().bytes(8), timeout: timeout, signals: signals,
            healing: healing, hasOwnClock: true
        ) { services }
    }

    func scene(_ meter: RedisMeter) -> MeterScene {
        MeterScene(meter: meter, clock: clock) { try await meter.expireReservations() }
    }

    /// Meters of so many processes, each with a connection of its own, over one database.
    ///
    /// - Parameter healing: longer where another process must answer in that time, however busy the machine is.
    func withMeters(
        _ count: Int = 3, of server: RedisURL, timeout: Duration = .seconds(60),
        signals: (any ProcessSignals)? = nil, healing: Duration = .seconds(2),
        _ body: @Sendable ([RedisMeter]) async throws -> Void
    ) async throws {
        try await withMeterTables { database in
            let clients = try (0..<count).map { _ in try RedisClient(server, settings: .patient) }
            let result: Result<Void, any Error>
            do {
                try await body(
                    clients.map { meter($0, database, timeout: timeout, signals: signals, healing: healing) })
                result = .success(())
            } catch {
                result = .failure(error)
            }
            for client in clients { await client.close() }
            try result.get()
        }
    }
}

/// Runs `body` on a new database with the tables of the meters.
func withMeterTables(_ body: @Sendable (any Database & Service) async throws -> Void) async throws {
    try await withDatabase(.sqlite, []) { database in
        for name in ["V0002_metering", "V0003_counted_requests"] {
            let sql = try #require(
                Assets.text("Sources/Modules/Access/Infrastructure/Migrations/\(name).sqlite.sql"))
            try await database.write { try $0.script(sql) }
        }
        try await body(database)
    }
}

/// Returns when it is so; the test's time limit ends a wait that is never over.
func eventually(_ condition: () async throws -> Bool) async throws {
    while !(try await condition()) { try await Task.sleep(for: .milliseconds(10)) }
}
