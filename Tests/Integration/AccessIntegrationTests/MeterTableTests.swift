import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import Crypto
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The tables of the meters")
struct MeterTableTests {
    private static let day = 86_400

    private let house: MeterHouse

    init() throws {
        house = try MeterHouse()
    }

    private func visit(_ text: String) throws -> Draw {
        let address = try #require(NetworkAddress(text: text))
        let caller = AnonymousCaller(address: address, device: MeterScene.identifier(4))
        return Draw(
            drawer: .anonymous(caller, perPrefix: 9), burstSubject: caller.network, service: MeterScene.service(1),
            rules: [.serviceDay(9)], cost: 1)
    }

    private func rowCount(_ table: Statement, _ database: any Database) async throws -> Int {
        try await database.read { transaction in
            try transaction.first("SELECT count(*) FROM \(table)") { try $0.integer(0) } ?? 0
        }
    }

    @Test("no network is there in clear", arguments: Dialect.allCases)
    func privacy(_ dialect: Dialect) async throws {
        try await withMeterTables(dialect) { database in
            let meter = house.sqlMeter(database)
            let visits = try [visit("192.0.2.77"), visit("2001:db8:1:2:3:4:5:6")]
            for (number, visit) in visits.enumerated() {
                _ = try await meter.take(visit)
                _ = try await meter.reserve(
                    visit,
                    ReservationRequest(
                        id: ReservationID(MeterScene.identifier(UInt64(100 + number))), key: "\(number)",
                        caller: MeterScene.identifier(9), lifetime: .seconds(60)))
            }
            let stored = try await database.read { transaction in
                try transaction.query("SELECT subject FROM usage_counters") { try $0.bytes(0) }
                    + transaction.query("SELECT network FROM reservations") { try $0.bytes(0) }
                    + transaction.query("SELECT holds FROM reservations") { Array(try $0.json(0).utf8) }
            }
            let secrets: [[UInt8]] = [
                [192, 0, 2, 77], Array("c000024d".utf8), [0x20, 0x01, 0x0D, 0xB8], Array("20010db8".utf8),
            ]
            #expect(stored.count == 9)
            for secret in secrets { #expect(!stored.contains { $0.firstRange(of: secret) != nil }) }
        }
    }

    @Test("under another master key nobody knows the networks")
    func otherKey() throws {
        let other = try SubjectKeys(
            MasterKey(keys: [Secret([UInt8](repeating: 8, count: MasterKey.byteCount))]))
        let network = MeterSubject.network(NetworkAddress(ipv4: 1).limitPrefix)
        #expect(house.keys.key(of: network) != other.key(of: network))
        #expect(house.keys.key(of: network) == house.keys.key(of: network))
        let wide = MeterSubject.network(NetworkAddress(ipv6High: 1 << 60, low: 0).prefix(56))
        #expect(house.keys.key(of: network).kind == .network)
        #expect(house.keys.key(of: wide).kind == .widerNetwork)
    }

    @Test("use is read by day and service, of one or of all, each request once", arguments: Dialect.allCases)
    func usage(_ dialect: Dialect) async throws {
        try await withMeterTables(dialect) { database in
            let meter = house.sqlMeter(database)
            let reader = SQLUsageReader(database: database, masterKey: house.masterKey)
            let first = WindowUnit.day.window(at: house.clock.now).start
            _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50) + [.burst(9)], at: 1, cost: 3))
            _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50), by: 2, at: 1, cost: 2))
            _ = try await meter.take(visit("2001:db8::1"))
            house.clock.advance(by: .seconds(Self.day))
            _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50), at: 2))
            let (second, end) = (first + .seconds(Self.day), first + .seconds(2 * Self.day))
            func use(_ subject: MeterSubject?, _ service: UInt64?, from: Timestamp? = nil) async throws -> [DailyUse] {
                try await reader.use(
                    of: subject, service: service.map { MeterScene.service($0) }, from: from ?? first, to: end)
            }
            func day(_ day: Timestamp, _ service: UInt64, _ used: Int) -> DailyUse {
                DailyUse(day: day, service: MeterScene.service(service), used: used)
            }
            #expect(try await use(nil, nil) == [day(first, 1, 6), day(second, 2, 1)])
            #expect(try await use(MeterScene.user(1), nil) == [day(first, 1, 3), day(second, 2, 1)])
            #expect(try await use(nil, 1) == [day(first, 1, 6)])
            #expect(try await use(MeterScene.user(1), nil, from: second) == [day(second, 2, 1)])
            #expect(try await use(MeterScene.user(3), nil).isEmpty)
            #expect(try await use(.device(MeterScene.identifier(4)), nil) == [day(first, 1, 1)])
        }
    }

    @Test("what is only in memory is read too")
    func usageInMemory() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            let reader = SQLUsageReader(
                database: database, masterKey: house.masterKey, flush: { try await meter.flush() })
            try await meter.whileJournaling {
                _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50), cost: 3))
                let uses = try await reader.use(
                    of: nil, service: nil, from: house.clock.now - .seconds(Self.day), to: house.clock.now)
                #expect(uses.map(\.used) == [3])
            }
        }
    }

    @Test("what is over is deleted after its time, what is set aside stays", arguments: Dialect.allCases)
    func cleanUp(_ dialect: Dialect) async throws {
        try await withMeterTables(dialect) { database in
            let meter = house.sqlMeter(database)
            let cleanUp = MeterCleanUp(database: database, clock: house.clock)
            let month = WindowUnit.month.window(at: house.clock.now)
            house.clock.set(to: month.start)
            _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50) + [.burst(5)]))
            _ = try await meter.take(visit("192.0.2.1"))
            try await meter.merge(
                DeviceMerge(device: MeterScene.identifier(4), user: MeterScene.identifier(1), at: house.clock.now))
            let caller = MeterScene.identifier(9)
            for number in [1, 2] as [UInt64] {
                _ = try await meter.reserve(
                    MeterScene.draw([.globalDay(50)], by: 5, cost: 2),
                    ReservationRequest(
                        id: ReservationID(MeterScene.identifier(number)), key: "\(number)", caller: caller,
                        lifetime: .seconds(60)))
            }
            _ = try await meter.settle(ReservationID(MeterScene.identifier(1)), used: .commit(2), by: caller)
            func deleted(_ moment: Timestamp) async throws -> Int {
                house.clock.set(to: moment)
                var sum = 0
                try await until {
                    let count = try await cleanUp()
                    sum += count
                    return count == 0
                }
                return sum
            }
            #expect(try await deleted(month.start + .seconds(180)) == 0)
            // The burst; a day after its end the settled reservation; the merge after two.
            #expect(try await deleted(month.start + .seconds(181)) == 1)
            #expect(try await deleted(month.start + .seconds(Self.day + 61)) == 1)
            #expect(try await deleted(month.start + .seconds(2 * Self.day + 1)) == 1)
            #expect(try await deleted(month.start + .seconds(91 * Self.day)) == 0)
            // Days of the user, the network and the device; the one with something set aside stays.
            #expect(try await deleted(month.start + .seconds(91 * Self.day + 1)) == 4)
            #expect(try await deleted(month.start + .seconds(121 * Self.day + 1)) == 2)
            #expect(try await rowCount("usage_counters", database) == 1)
            #expect(try await meter.expireReservations() == 1)
            #expect(try await deleted(house.clock.now) == 2)
            #expect(try await rowCount("usage_counters", database) == 0)
            #expect(try await rowCount("reservations", database) == 0)
        }
    }

    @Test("the clock of a database server is taken, and goes on with this machine's")
    func serverClock() async throws {
        try await withMeterTables(.postgres) { database in
            // Long before the server's.
            house.clock.set(to: Timestamp(seconds: 1_000_000_000))
            let clock = StoreClock(database: database, clock: house.clock, logger: .silent)
            #expect(clock.now == house.clock.now)
            try await clock.adjust()
            let theirs = try #require(try await database.time())
            #expect((theirs.milliseconds - clock.now.milliseconds).magnitude < 60_000)
            let before = clock.now
            house.clock.advance(by: .seconds(5))
            #expect(clock.now - before == .seconds(5))
        }
    }

    @Test("a database without a clock of its own leaves this machine's")
    func noOtherClock() async throws {
        try await withMeterTables(.sqlite) { database in
            let clock = StoreClock(database: database, clock: house.clock, logger: .silent)
            try await clock.adjust()
            #expect(clock.now == house.clock.now)
        }
    }
}
