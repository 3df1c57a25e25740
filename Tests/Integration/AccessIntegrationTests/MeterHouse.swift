import AccessPortSuites
import Assets
import Crypto
import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

/// Meters over a database, and what they need.
struct MeterHouse: Sendable {
    let clock = ManualClock()
    let log = RecordingLogSink()
    let masterKey: MasterKey
    let keys: SubjectKeys

    init() throws {
        masterKey = try MasterKey(keys: [Secret([UInt8](repeating: 7, count: MasterKey.byteCount))])
        keys = SubjectKeys(masterKey)
    }

    static let degradedMax: Duration = .seconds(300)

    func sqlMeter(_ database: any Database) -> SQLMeter {
        SQLMeter(database: database, keys: keys, clock: clock, logger: log.logger())
    }

    func inMemoryMeter(_ database: any Database, subjectsMax: Int = 1_000) -> InMemoryMeter {
        inMemoryMeter(SQLCounterJournal(database: database, keys: keys), subjectsMax: subjectsMax)
    }

    func inMemoryMeter(_ journal: any CounterJournal, subjectsMax: Int = 1_000) -> InMemoryMeter {
        InMemoryMeter(
            journal: journal, keys: keys, clock: clock, stopwatch: clock, logger: log.logger(),
            subjectsMax: subjectsMax, degradedMax: Self.degradedMax)
    }

    func scene(_ meter: SQLMeter) -> MeterScene {
        MeterScene(meter: meter, clock: clock) { try await meter.expireReservations() }
    }

    func scene(_ meter: InMemoryMeter) -> MeterScene {
        MeterScene(meter: meter, clock: clock) { try await meter.expireReservations() }
    }
}

/// Runs `body` on a new database with the tables of the meters, and no others.
func withMeterTables(
    _ dialect: Dialect, _ body: @Sendable (any Database & Service) async throws -> Void
) async throws {
    try await withDatabase(dialect, []) { database in
        try await makeMeterTables(in: database)
        try await body(database)
    }
}

func makeMeterTables(in database: any Database) async throws {
    for name in ["V0002_metering", "V0003_counted_requests"] {
        let path = "Sources/Modules/Access/Infrastructure/Migrations/\(name).\(database.dialect.rawValue).sql"
        let sql = try #require(Assets.text(path))
        try await database.write { try $0.script(sql) }
    }
}

extension InMemoryMeter {
    /// Runs the journal beside `body`, and ends it in order.
    func whileJournaling<T>(_ body: () async throws -> T) async throws -> T {
        let lifecycle = ServiceLifecycle()
        let service = journalService
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run(lifecycle) }
            let result: Result<T, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            lifecycle.requestShutdown(deadline: .now + .seconds(30))
            try await group.waitForAll()
            return try result.get()
        }
    }
}
