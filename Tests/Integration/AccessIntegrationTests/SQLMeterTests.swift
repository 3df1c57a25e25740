import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import PostgresSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Meters of several processes over one PostgreSQL database")
struct SQLMeterTests {
    private let house: MeterHouse

    init() throws {
        house = try MeterHouse()
    }

    private func withThreeMeters(_ body: ([SQLMeter]) async throws -> Void) async throws {
        try await withPostgres { _, open in
            let databases = try (0..<3).map { _ in try open() }
            try await makeMeterTables(in: databases[0])
            try await body(databases.map { house.sqlMeter($0) })
        }
    }

    @Test("1,000 draws at once against a limit of 50: exactly 50 are allowed, and it is told once")
    func exact() async throws {
        try await withThreeMeters { meters in
            let draw = MeterScene.draw(ChargeRule.plan(50, isStrict: true))
            let outcomes = try await MeterScene.atOnce(1_000) { try await meters[$0 % 3].take(draw) }
            #expect(outcomes.filter { $0.isAllowed }.count == 50)
            #expect(outcomes.flatMap(\.news).filter { $0.kind == .exhausted }.count == 1)
            let uses = try await meters[0].usage(of: MeterScene.user(1))
            #expect(uses.map(\.used) == [50, 50, 50, 50])
        }
    }

    @Test("visitors of one network, on other devices and in other /64s, wait for each other and never deadlock")
    func shares() async throws {
        try await withThreeMeters { meters in
            let outcomes = try await MeterScene.atOnce(300) { number in
                let low = UInt64(number % 40)
                let caller = AnonymousCaller(
                    address: NetworkAddress(ipv6High: 0x2001_0DB8_0000_0000 + low, low: 1),
                    device: MeterScene.identifier(UInt64(number % 7)))
                return try await meters[number % 3].take(
                    Draw(
                        drawer: .anonymous(caller, perPrefix: 1), burstSubject: caller.network,
                        service: MeterScene.service(1), rules: [.serviceDay(3), .burst(1_000)], cost: 1))
            }
            // Seven devices of 3 each, in a /56 that has 8 times 3.
            #expect(outcomes.filter { $0.isAllowed }.count == 21)
        }
    }

    @Test("a request with a name is counted once, whichever process is asked, and given back once")
    func names() async throws {
        try await withThreeMeters { meters in
            let gateway = GatewayRequest.Gateway.peer(.loopback)
            let service = MeterScene.service(1)
            let request = try #require(GatewayRequest(gateway: gateway, service: service, requestID: "request-1"))
            let draw = MeterScene.draw(ChargeRule.plan(50) + [.burst(1_000)], cost: 7)
            func used() async throws -> [Int] { try await meters[0].usage(of: MeterScene.user(1)).map(\.used) }
            let outcomes = try await MeterScene.atOnce(30) { try await meters[$0 % 3].take(draw, named: request) }
            #expect(outcomes.allSatisfy { $0.isAllowed && $0.binding?.used == 7 })
            #expect(outcomes.count { !$0.isRepetition } == 1)
            #expect(try await used() == [7, 7, 7, 7])
            // Somebody else's request of that name is one of its own.
            let other = try await meters[1].take(MeterScene.draw(ChargeRule.plan(50), by: 2), named: request)
            #expect(!other.isRepetition && other.binding?.used == 1)
            _ = try await meters[2].take(draw, named: request)
            #expect(try await used() == [14, 14, 14, 14])
            let key = GatewayRequest.Gateway.key(APIKeyID(MeterScene.identifier(9)))
            let amounts = try await MeterScene.atOnce(12) { number in
                try await meters[number % 3].giveBack("request-1", of: service, preferring: key)
            }
            #expect(amounts.compactMap { $0 } == [7])
            #expect(try await used() == [7, 7, 7, 7])
            #expect(try await meters[0].giveBack("request-2", of: service, preferring: gateway) == nil)
        }
    }

    @Test("a name holds for ten seconds, and so long what was counted under it can be given back")
    func nameLifetime() async throws {
        try await withThreeMeters { meters in
            let gateway = GatewayRequest.Gateway.key(APIKeyID(MeterScene.identifier(9)))
            let service = MeterScene.service(1)
            let request = try #require(GatewayRequest(gateway: gateway, service: service, requestID: "request-1"))
            let draw = MeterScene.draw(ChargeRule.plan(1))
            #expect(try await meters[0].take(draw, named: request).isAllowed)
            house.clock.advance(by: .seconds(10) - .milliseconds(1))
            #expect(try await meters[1].take(draw, named: request).isRepetition)
            house.clock.advance(by: .milliseconds(1))
            #expect(try await meters[1].giveBack("request-1", of: service, preferring: gateway) == nil)
            #expect(try await !meters[1].take(draw, named: request).isAllowed)
        }
    }

    @Test("a reservation is made once and settled once, whichever process is asked")
    func reservations() async throws {
        try await withThreeMeters { meters in
            let caller = MeterScene.identifier(9)
            let draw = MeterScene.draw(ChargeRule.plan(50), cost: 10)
            let made = try await MeterScene.atOnce(30) { number in
                try await meters[number % 3].reserve(
                    draw,
                    ReservationRequest(
                        id: ReservationID(MeterScene.identifier(3_000 + UInt64(number))), key: "key", caller: caller,
                        lifetime: .seconds(60)))
            }
            let ids = Set(made.compactMap { if case .reserved(let one, _) = $0 { one.id } else { nil } })
            let id = try #require(ids.first)
            #expect(ids.count == 1)
            let ends = try await MeterScene.atOnce(30) { number in
                if number.isMultiple(of: 5) {
                    _ = try await meters[number % 3].expireReservations()
                }
                return try await meters[number % 3].settle(id, used: .commit(7), by: caller)
            }
            #expect(ends.allSatisfy { if case .settled = $0 { true } else { false } })
            let use = try #require(try await meters[1].usage(of: MeterScene.user(1)).first)
            #expect((use.used, use.reserved) == (7, 0))
        }
    }

    @Test("a process whose clock is behind counts in the window that another one has opened")
    func clocks() async throws {
        try await withPostgres { _, open in
            let database = try open()
            try await makeMeterTables(in: database)
            let behind = try MeterHouse()
            house.clock.set(to: WindowUnit.day.window(at: behind.clock.now).end)
            // As far as a process may be that is still ready.
            behind.clock.set(to: house.clock.now - .seconds(2))
            let draw = MeterScene.draw([.globalDay(3)])
            #expect(try await house.sqlMeter(database).take(draw).isAllowed)
            let late = behind.sqlMeter(database)
            #expect(try await late.take(draw).isAllowed)
            #expect(try await late.take(draw).isAllowed)
            #expect(try await !late.take(draw).isAllowed)
            #expect(try await !house.sqlMeter(database).take(draw).isAllowed)
        }
    }
}
