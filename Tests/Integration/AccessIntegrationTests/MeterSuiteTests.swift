import AccessDoubles
import AccessPortSuites
import SQL
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The port Meter, over each adapter")
struct MeterSuiteTests {
    @Test("in memory it behaves as every meter", arguments: MeterBehaviour.all)
    func inMemory(_ behaviour: MeterBehaviour) async throws {
        let house = try MeterHouse()
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            try await meter.whileJournaling { try await behaviour.check(house.scene(meter)) }
        }
    }

    @Test("in SQL it behaves as every meter", arguments: MeterBehaviour.all, Dialect.allCases)
    func sql(_ behaviour: MeterBehaviour, _ dialect: Dialect) async throws {
        let house = try MeterHouse()
        try await withMeterTables(dialect) { database in
            try await behaviour.check(house.scene(house.sqlMeter(database)))
        }
    }

    @Test("the double behaves as every meter", arguments: MeterBehaviour.all)
    func double(_ behaviour: MeterBehaviour) async throws {
        let clock = ManualClock()
        let meter = CountingMeter(clock: clock)
        try await behaviour.check(MeterScene(meter: meter, clock: clock) { meter.expireReservations() })
    }
}
