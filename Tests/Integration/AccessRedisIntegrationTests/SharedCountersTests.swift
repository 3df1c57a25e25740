import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import Redis
import RedisSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Meters of several processes over one Redis", .timeLimit(.minutes(5)))
struct SharedCountersTests {
    private let house: RedisMeterHouse
    private let stopwatch = SystemMonotonicClock()

    init() throws {
        house = try RedisMeterHouse()
    }

    private func withThreeMeters(_ body: @Sendable ([RedisMeter]) async throws -> Void) async throws {
        try await house.withMeters(of: try await RedisServer.shared().url, body)
    }

    @Test("1,000 draws at once against a limit of 50: exactly 50 are allowed, and it is told once")
    func exact() async throws {
        try await withThreeMeters { meters async throws in
            let draw = MeterScene.draw(ChargeRule.plan(50))
            let outcomes = try await MeterScene.atOnce(1_000) { try await meters[$0 % 3].take(draw) }
            #expect(outcomes.count { $0.isAllowed } == 50)
            #expect(outcomes.allSatisfy { !$0.isDegraded })
            #expect(outcomes.flatMap(\.news).count { $0.kind == .exhausted } == 1)
            #expect(try await meters[0].usage(of: MeterScene.user(1)).map(\.used) == [50, 50, 50, 50])
        }
    }

    @Test("strict and fast limits of one draw hold together, on all processes")
    func mixed() async throws {
        try await withThreeMeters { meters async throws in
            let both = MeterScene.draw([.globalDay(40), .serviceDay(25, isStrict: true)])
            let first = try await MeterScene.atOnce(120) { try await meters[$0 % 3].take(both) }
            #expect(first.count { $0.isAllowed } == 25)
            let elsewhere = MeterScene.draw([.globalDay(40)], at: 2)
            let second = try await MeterScene.atOnce(60) { try await meters[$0 % 3].take(elsewhere) }
            #expect(second.count { $0.isAllowed } == 15)
            // What Redis refuses is not left counted in the database.
            let larger = MeterScene.draw([.globalDay(40), .serviceDay(100, isStrict: true)])
            #expect(try await !meters[0].take(larger).isAllowed)
            let uses = try await meters[0].sql.usage(of: MeterScene.user(1))
            #expect(uses.first { $0.service == MeterScene.service(1) }?.used == 25)
        }
    }

    @Test("a request with a name is counted once, whichever process is asked, and given back once")
    func names() async throws {
        try await withThreeMeters { meters async throws in
            let gateway = GatewayRequest.Gateway.peer(.loopback)
            let key = GatewayRequest.Gateway.key(APIKeyID(MeterScene.identifier(9)))
            let service = MeterScene.service(1)
            // A name is known for ten seconds by Redis's clock. On a machine that stood still for longer it says nothing.
            for person in 1...20 {
                let name = "request-\(person)"
                let begun = stopwatch.elapsed
                let request = try #require(GatewayRequest(gateway: gateway, service: service, requestID: name))
                let draw = MeterScene.draw(ChargeRule.plan(50) + [.burst(1_000)], by: UInt64(person), cost: 7)
                func used() async throws -> [Int] {
                    try await meters[0].usage(of: MeterScene.user(UInt64(person))).map(\.used)
                }
                let outcomes = try await MeterScene.atOnce(30) { try await meters[$0 % 3].take(draw, named: request) }
                let taken = try await used()
                // Somebody else's request of that name is one of its own.
                let stranger = MeterScene.draw(ChargeRule.plan(50), by: UInt64(100 + person))
                let other = try await meters[1].take(stranger, named: request)
                let again = try await meters[2].take(draw, named: request)
                let amounts = try await MeterScene.atOnce(12) { number in
                    try await meters[number % 3].giveBack(name, of: service, preferring: key)
                }
                guard stopwatch.elapsed - begun < .seconds(8) else { continue }
                #expect(outcomes.allSatisfy { $0.isAllowed && $0.binding?.used == 7 })
                #expect(outcomes.count { !$0.isRepetition } == 1)
                #expect(taken == [7, 7, 7, 7])
                #expect(!other.isRepetition && other.binding?.used == 1)
                #expect(again.isRepetition)
                #expect(amounts.compactMap { $0 } == [7])
                #expect(try await used().isEmpty)
                // What another process remembers from before does not come back.
                for meter in meters {
                    let small = MeterScene.draw(ChargeRule.plan(3), by: UInt64(person))
                    #expect(try await meter.take(small).isAllowed)
                }
                #expect(try await used() == [3, 3, 3, 3])
                #expect(try await meters[0].giveBack("request-0", of: service, preferring: gateway) == nil)
                return
            }
            Issue.record("the machine stood still for 8 seconds, 20 times")
        }
    }

    @Test("a name holds for ten seconds, and so long what was counted under it can be given back")
    func nameLifetime() async throws {
        try await withThreeMeters { meters async throws in
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

    @Test("a process with an older entitlement is told so and counts nothing; one that has just read it insists")
    func versions() async throws {
        try await withThreeMeters { meters async throws in
            func draw(_ limit: Int, _ version: Int64) -> Draw {
                let plain = MeterScene.draw(ChargeRule.plan(limit))
                return Draw(
                    drawer: plain.drawer, burstSubject: plain.burstSubject, service: plain.service, rules: plain.rules,
                    cost: 1, version: version)
            }
            #expect(try await meters[0].take(draw(1, 1)).isAllowed)
            #expect(try await meters[1].take(draw(5, 2)).isAllowed)
            for stale in meters {
                #expect(try await stale.take(draw(1, 1)).isOutdated)
                #expect(try await stale.peek(draw(1, 1)).isOutdated)
            }
            #expect(try await meters[2].usage(of: MeterScene.user(1)).first?.used == 2)
            #expect(try await !meters[0].take(draw(1, 1).insisting).isAllowed)
            #expect(try await !meters[2].take(draw(5, 2)).isOutdated)
        }
    }

    @Test("a reset by another process holds, whatever the others remember")
    func reset() async throws {
        try await withThreeMeters { meters async throws in
            let draw = MeterScene.draw(ChargeRule.plan(5))
            for meter in meters { _ = try await MeterScene.atOnce(4) { _ in try await meter.take(draw) } }
            #expect(try await !meters[1].take(draw).isAllowed)
            try await meters[0].reset(MeterScene.user(1))
            let outcomes = try await MeterScene.atOnce(30) { try await meters[$0 % 3].take(draw) }
            #expect(outcomes.count { $0.isAllowed } == 5)
            let visit = Draw(
                drawer: .anonymous(AnonymousCaller(address: .loopback, device: nil), perPrefix: 1),
                burstSubject: AnonymousCaller(address: .loopback, device: nil).network,
                service: MeterScene.service(2), rules: [.serviceDay(1)], cost: 1)
            #expect(try await meters[1].take(visit).isAllowed)
            #expect(try await !meters[2].take(visit).isAllowed)
            try await meters[0].reset(AnonymousCaller(address: .loopback, device: nil).network)
            #expect(try await meters[2].take(visit).isAllowed)
            #expect(try await !meters[1].take(visit).isAllowed)
        }
    }

    @Test("a reservation is made once and settled once, whichever process is asked")
    func reservations() async throws {
        try await withThreeMeters { meters async throws in
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
            #expect(try await meters[1].take(MeterScene.draw(ChargeRule.plan(50), cost: 41)).isAllowed == false)
            let ends = try await MeterScene.atOnce(30) { number in
                if number.isMultiple(of: 5) { _ = try await meters[number % 3].expireReservations() }
                return try await meters[number % 3].settle(id, used: .commit(7), by: caller)
            }
            #expect(ends.allSatisfy { if case .settled = $0 { true } else { false } })
            let use = try #require(try await meters[1].usage(of: MeterScene.user(1)).first)
            #expect((use.used, use.reserved) == (7, 0))
        }
    }

    @Test("a new process knows from the database what was counted, also when Redis has lost it")
    func memory() async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(3, of: server.url) { meters async throws in
                let draw = MeterScene.draw(ChargeRule.plan(5))
                for _ in 0..<3 { #expect(try await meters[0].take(draw).isAllowed) }
                try await meters[0].flush()
                _ = try await meters[1].client.send(RedisCommand("FLUSHALL"))
                for _ in 0..<2 { #expect(try await meters[2].take(draw).isAllowed) }
                #expect(try await !meters[2].take(draw).isAllowed)
            }
        }
    }
}
