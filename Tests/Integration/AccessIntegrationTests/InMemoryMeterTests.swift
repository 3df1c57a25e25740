import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The meter in memory and its journal")
struct InMemoryMeterTests {
    private let house: MeterHouse

    init() throws {
        house = try MeterHouse()
    }

    private func journal(_ database: any Database) -> BreakableJournal {
        BreakableJournal(SQLCounterJournal(database: database, keys: house.keys))
    }

    private func used(_ meter: InMemoryMeter) async throws -> Int {
        try await meter.usage(of: MeterScene.user(1)).first?.used ?? 0
    }

    @Test("a draw of somebody who is known, by fast rules, waits for nothing; another one is not made at once")
    func atOnce() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            try await meter.whileJournaling {
                let draw = MeterScene.draw(ChargeRule.plan(3) + [.burst(100)])
                #expect(meter.recallTake(draw) == nil)
                let first = try await meter.take(draw)
                #expect(first.isAllowed)
                #expect(meter.recallTake(draw)?.binding?.used == 2)
                #expect(meter.recallTake(MeterScene.draw(ChargeRule.plan(3, isStrict: true))) == nil)
                #expect(meter.recallTake(draw)?.isAllowed == true)
                #expect(meter.recallTake(draw)?.isAllowed == false)
                let count = try await used(meter)
                #expect(count == 3)
            }
        }
    }

    @Test("what is given back is written, in the windows in which it was counted, and never makes a count negative")
    func giveBack() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            try await meter.whileJournaling {
                let draw = MeterScene.draw(ChargeRule.plan(50) + [.burst(100)], cost: 4)
                for _ in 0..<3 { _ = try await meter.take(draw) }
                let countedAt = house.clock.now
                try await meter.giveBack(draw, countedAt: countedAt)
                #expect(try await meter.usage(of: MeterScene.user(1)).map(\.used) == [8, 8, 8, 8])
                #expect(try await house.sqlMeter(database).usage(of: MeterScene.user(1)).map(\.used) == [8, 8, 8, 8])
                // The next day's count is another one; the month's is the same.
                house.clock.set(to: WindowUnit.day.window(at: countedAt).end)
                _ = try await meter.take(draw)
                try await meter.giveBack(draw, countedAt: countedAt)
                let days = try await meter.usage(of: MeterScene.user(1)).filter { $0.unit == .day }
                #expect(days.map(\.used) == [4, 4])
                for _ in 0..<5 { try await meter.giveBack(draw, countedAt: house.clock.now) }
                #expect(try await meter.usage(of: MeterScene.user(1)).allSatisfy { $0.used == 0 })
            }
        }
    }

    @Test("visitors get back what was counted to each of their networks and their device")
    func giveBackToVisitor() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            try await meter.whileJournaling {
                let caller = AnonymousCaller(
                    address: try #require(NetworkAddress(text: "2001:db8::1")), device: MeterScene.identifier(4))
                let draw = Draw(
                    drawer: .anonymous(caller, perPrefix: 1), burstSubject: caller.network,
                    service: MeterScene.service(1), rules: [.serviceDay(1)], cost: 1)
                for _ in 0..<3 {
                    #expect(try await meter.take(draw).isAllowed)
                    #expect(try await !meter.take(draw).isAllowed)
                    try await meter.giveBack(draw, countedAt: house.clock.now)
                }
            }
        }
    }

    @Test("a crash gives back what was not written, and nothing that was")
    func crash() async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            try await meter.whileJournaling {
                for _ in 0..<10 { _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50))) }
                try await meter.flush()
                journal.breakDown()
                for _ in 0..<5 { _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50))) }
                #expect(try await used(meter) == 15)
            }
            #expect(try await used(house.inMemoryMeter(database)) == 10)
        }
    }

    @Test("a crash gives back nothing that strict rules counted")
    func strictCrash() async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            try await meter.whileJournaling {
                let outcomes = try await MeterScene.atOnce(40) { _ in
                    try await meter.take(MeterScene.draw(ChargeRule.plan(30, isStrict: true)))
                }
                journal.breakDown()
                #expect(outcomes.filter { $0.isAllowed }.count == 30)
            }
            #expect(try await used(house.inMemoryMeter(database)) == 30)
        }
    }

    @Test("while nothing can be written, strict draws fail and do not count, fast ones go on; later all is written")
    func broken() async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            try await meter.whileJournaling {
                journal.breakDown()
                let failures = Recorder<Int>()
                _ = try await MeterScene.atOnce(20) { number in
                    do {
                        _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50, isStrict: true)))
                    } catch is Unavailable {
                        failures.add(number)
                    }
                }
                #expect(failures.all.count == 20)
                #expect(try await used(meter) == 0)
                _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50)))
                journal.mend()
                _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50, isStrict: true)))
            }
            #expect(try await used(house.inMemoryMeter(database)) == 2)
        }
    }

    @Test("while counts cannot be written, fast draws say that they are degraded, and end after a set time")
    func degraded() async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            let draw = MeterScene.draw(ChargeRule.plan(50))
            try await meter.whileJournaling {
                #expect(try await meter.take(draw).isDegraded == false)
                try await meter.flush()
                journal.breakDown()
                _ = try await meter.take(draw)
                await #expect(throws: (any Error).self) { try await meter.flush() }
                #expect(try await meter.take(draw).isDegraded)
                #expect(meter.recallTake(draw)?.isDegraded == true)
                house.clock.advance(by: MeterHouse.degradedMax - .milliseconds(1))
                #expect(try await meter.take(draw).isDegraded)
                house.clock.advance(by: .milliseconds(1))
                #expect(meter.recallTake(draw) == nil)
                await #expect(throws: Unavailable.self) { try await meter.take(draw) }
                journal.mend()
                try await meter.flush()
                #expect(try await meter.take(draw).isDegraded == false)
            }
            #expect(try await used(house.inMemoryMeter(database)) == 6)
        }
    }

    @Test("counts that cannot be written are logged once a minute, however often it is tried")
    func loggedOnce() async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            _ = try await meter.usage(of: MeterScene.user(1))
            journal.breakDown()
            _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50)))
            func tries(_ count: Int) async -> Int {
                for _ in 0..<count { _ = await meter.writeBatch() }
                return house.log.messages.filter { $0.hasPrefix("counts could not be written") }.count
            }
            #expect(await tries(50) == 1)
            house.clock.advance(by: .seconds(60))
            #expect(await tries(50) == 2)
        }
    }

    @Test("a shutdown in order writes everything, and afterwards nothing strict is promised")
    func shutdown() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            try await meter.whileJournaling {
                for _ in 0..<7 { _ = try await meter.take(MeterScene.draw(ChargeRule.plan(50))) }
            }
            #expect(try await used(house.inMemoryMeter(database)) == 7)
            await #expect(throws: Unavailable.self) {
                try await meter.take(MeterScene.draw(ChargeRule.plan(50, isStrict: true)))
            }
        }
    }

    @Test("whenever a crash comes, reservations and the amounts that are set aside agree", arguments: 0..<8)
    func reservationsAgree(_ writes: Int) async throws {
        try await withMeterTables(.sqlite) { database in
            let journal = journal(database)
            let meter = house.inMemoryMeter(journal)
            let scene = house.scene(meter)
            try await meter.whileJournaling {
                journal.breakDown(afterWrites: writes)
                _ = try await MeterScene.atOnce(12) { number in
                    do {
                        try await scene.reserveAndSettle(UInt64(number))
                    } catch is Unavailable {}
                }
            }
            let rows = try await database.read { transaction in
                try transaction.first("SELECT coalesce(sum(amount), 0) FROM reservations WHERE state = 'open'") {
                    try $0.integer(0)
                }
            }
            let again = house.inMemoryMeter(database)
            let use = try await again.usage(of: MeterScene.user(1)).first
            #expect(rows == use?.reserved ?? 0)
        }
    }

    @Test("a flood of visitors stays within its bounds, and nobody's count is lost by it")
    func flood() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database, subjectsMax: 50)
            try await meter.whileJournaling {
                for _ in 0..<3 { _ = try await meter.take(MeterScene.draw(ChargeRule.plan(5))) }
                for number in 0..<500 {
                    let visit = try MeterScene.visitor(UInt32(number))
                    #expect(try await meter.take(visit).isAllowed)
                    #expect(meter.memory.withLock { $0.count } <= 100)
                }
                for number in 0..<500 {
                    #expect(try await !meter.take(MeterScene.visitor(UInt32(number))).isAllowed)
                }
                var allowed = 0
                for _ in 0..<5 where try await meter.take(MeterScene.draw(ChargeRule.plan(5))).isAllowed {
                    allowed += 1
                }
                #expect(allowed == 2)
            }
        }
    }

    @Test("somebody who comes often stays when others come once")
    func frequent() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database, subjectsMax: 50)
            try await meter.whileJournaling {
                for number in 0..<400 {
                    _ = try await meter.take(MeterScene.draw(ChargeRule.plan(Limit.unlimited)))
                    _ = try await meter.take(MeterScene.visitor(UInt32(number)))
                    if number.isMultiple(of: 10) { try await meter.flush() }
                    #expect(meter.memory.withLock { $0.indices[MeterScene.user(1)] } != nil)
                }
            }
        }
    }

    @Test("windows that are over, and people who do nothing, are forgotten once they are written")
    func forgetting() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database)
            let draw = MeterScene.draw(ChargeRule.plan(50) + [.burst(5)])
            _ = try await meter.take(draw)
            house.clock.advance(by: .seconds(86_400))
            _ = try await meter.take(draw)
            #expect(meter.memory.withLock { $0.entries[0].closed.count } == 2)
            #expect(await meter.writeBatch())
            #expect(meter.memory.withLock { $0.entries[0].closed.isEmpty })
            house.clock.advance(by: .seconds(599))
            #expect(await !meter.writeBatch())
            #expect(meter.memory.withLock { $0.count } == 1)
            house.clock.advance(by: .seconds(1))
            #expect(await !meter.writeBatch())
            #expect(meter.memory.withLock { $0.count } == 0)
            #expect(try await meter.usage(of: MeterScene.user(1)).first?.used == 1)
        }
    }

    @Test("an earlier state never replaces a later one: two loads, draws and writes at once")
    func interleaved() async throws {
        try await withMeterTables(.sqlite) { database in
            let meter = house.inMemoryMeter(database, subjectsMax: 16)
            try await meter.whileJournaling {
                let outcomes = try await MeterScene.atOnce(2_000) { number in
                    let draw = MeterScene.draw(ChargeRule.plan(20), by: UInt64(number % 60))
                    let deadline = ContinuousClock.now + .seconds(60)
                    while true {
                        do {
                            return try await meter.take(draw)
                        } catch let full as Unavailable {
                            // There is room for sixteen; whoever finds none asks again.
                            guard ContinuousClock.now < deadline else { throw full }
                            await Task.yield()
                        }
                    }
                }
                #expect(outcomes.filter { $0.isAllowed }.count == 60 * 20)
            }
        }
    }
}

extension MeterScene {
    fileprivate static func visitor(_ number: UInt32) throws -> Draw {
        let caller = AnonymousCaller(address: NetworkAddress(ipv4: 0x0A00_0000 + number), device: nil)
        return Draw(
            drawer: .anonymous(caller, perPrefix: 1), burstSubject: caller.network, service: service(1),
            rules: [.serviceDay(1)], cost: 1)
    }

    fileprivate func reserveAndSettle(_ number: UInt64) async throws {
        let id = ReservationID(Self.identifier(3_000 + number))
        let caller = Self.identifier(9)
        _ = try await meter.reserve(
            Self.draw(ChargeRule.plan(100), cost: 5),
            ReservationRequest(id: id, key: "key \(number)", caller: caller, lifetime: .seconds(600)))
        if number.isMultiple(of: 3) { return }
        _ = try await meter.settle(id, used: number.isMultiple(of: 2) ? .commit(3) : .release, by: caller)
    }
}
