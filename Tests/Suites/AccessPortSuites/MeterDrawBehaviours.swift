import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

extension MeterBehaviour {
    static let parallel: [MeterBehaviour] = [
        MeterBehaviour("of 1,000 draws at once exactly the limit is allowed, by fast rules") { scene async throws in
            try await exactly50(scene, MeterScene.draw(ChargeRule.plan(50) + [.burst(1_000_000)]))
        },
        MeterBehaviour("of 1,000 draws at once exactly the limit is allowed, by strict rules") { scene async throws in
            try await exactly50(scene, MeterScene.draw(ChargeRule.plan(50, isStrict: true)))
        },
        MeterBehaviour("draws of many at once, each of several people and services, all count") { scene async throws in
            let outcomes = try await MeterScene.atOnce(200) { number in
                try await scene.take(
                    MeterScene.draw(ChargeRule.plan(20), by: UInt64(number % 10), at: UInt64(number % 3)))
            }
            #expect(outcomes.allSatisfy { $0.isAllowed })
            for user in 0..<10 as Range<UInt64> { #expect(try await scene.used(.day, by: user) == 20) }
        },
        MeterBehaviour("visitors from one network at once, on many devices, get what one gets") { scene async throws in
            let outcomes = try await MeterScene.atOnce(60) { number in
                try await scene.take(
                    MeterScene.visit(
                        "2001:db8::\(number)", device: UInt64(number + 1), [.serviceDay(1), .burst(1_000)]))
            }
            #expect(outcomes.filter { $0.isAllowed }.count == 1)
        },
    ]

    private static func exactly50(_ scene: MeterScene, _ draw: Draw) async throws {
        let outcomes = try await MeterScene.atOnce(1_000) { _ in try await scene.take(draw) }
        #expect(outcomes.filter { $0.isAllowed }.count == 50)
        for unit in [WindowUnit.day, .month] {
            #expect(try await scene.used(unit) == 50)
            #expect(try await scene.used(unit, at: 1) == 50)
        }
        #expect(outcomes.flatMap(\.news).map(\.kind).count == 2)
    }

    static let limits: [MeterBehaviour] = [
        MeterBehaviour("a person, a tenant and a service account of one identifier are three, each with its own count")
        {
            scene async throws in
            let id = MeterScene.identifier(1)
            let subjects: [MeterSubject] = [.user(id), .tenant(TenantID(id)), .serviceAccount(ServiceAccountID(id))]
            for (index, subject) in subjects.enumerated() {
                let draw = Draw(
                    drawer: .known(subject), burstSubject: subject, service: MeterScene.service(1),
                    rules: ChargeRule.plan(3) + [.burst(1_000)], cost: 1)
                #expect(try await scene.allowed(5, draw) == 3)
                let used = try await scene.meter.usage(of: subject).first { $0.service == nil && $0.unit == .day }?.used
                #expect(used == 3, "\(index)")
            }
            try await scene.meter.reset(subjects[2])
            #expect(try await scene.meter.usage(of: subjects[2]).allSatisfy { $0.used == 0 })
            #expect(try await scene.used(.day) == 3)
        },
        MeterBehaviour("a refused draw is not counted, a smaller one still passes") { scene async throws in
            #expect(try await scene.take(MeterScene.draw([.globalDay(10)], cost: 7)).isAllowed)
            let refused = try await scene.take(MeterScene.draw([.globalDay(10)], cost: 4))
            #expect(!refused.isAllowed)
            #expect(!refused.isBurst)
            #expect(refused.binding?.used == 7)
            #expect(try await scene.used(.day) == 7)
            #expect(try await scene.take(MeterScene.draw([.globalDay(10)], cost: 3)).isAllowed)
            #expect(try await scene.used(.day) == 10)
        },
        MeterBehaviour("all counters give or none does") { scene async throws in
            let draw = MeterScene.draw([.globalDay(10), .serviceDay(3)])
            #expect(try await scene.allowed(5, draw) == 3)
            #expect(try await scene.used(.day) == 3)
            #expect(try await scene.used(.day, at: 1) == 3)
        },
        MeterBehaviour("a limit over all services is one amount; a service's own is its own") { scene async throws in
            let rules: [ChargeRule] = [.globalDay(5), .serviceDay(3)]
            #expect(try await scene.allowed(4, MeterScene.draw(rules, at: 1)) == 3)
            #expect(try await scene.allowed(4, MeterScene.draw(rules, at: 2)) == 2)
            #expect(try await scene.allowed(1, MeterScene.draw(rules, by: 2, at: 2)) == 1)
            #expect(try await scene.used(.day) == 5)
        },
        MeterBehaviour("the answer tells the limit that binds, what is used of it and its window") {
            scene async throws in
            let draw = MeterScene.draw([.globalDay(10), .serviceDay(3)])
            let outcome = try await scene.take(draw)
            let window = WindowUnit.day.window(at: scene.clock.now)
            #expect(outcome.binding == BindingLimit(policy: "service-day", limit: 3, used: 1, window: window))
            #expect(!outcome.isDegraded)
            #expect(try await scene.take(MeterScene.draw([ChargeRule(meter: .global, unit: .day)])).binding == nil)
        },
        MeterBehaviour("a question is answered as a draw would be, and counts nothing") { scene async throws in
            let draw = MeterScene.draw([.globalDay(1)])
            for _ in 0..<3 {
                let outcome = try await scene.meter.peek(draw)
                #expect(outcome.isAllowed)
                #expect(outcome.news.isEmpty)
            }
            #expect(try await scene.allowed(2, draw) == 1)
            #expect(try await !scene.meter.peek(draw).isAllowed)
        },
        MeterBehaviour("a change of plan neither resets nor loses, and the new amount applies at once") {
            scene async throws in
            #expect(try await scene.allowed(6, MeterScene.draw(ChargeRule.plan(5))) == 5)
            let larger = try await scene.take(MeterScene.draw(ChargeRule.plan(8)))
            #expect(larger.isAllowed)
            #expect(larger.binding?.used == 6)
            #expect(try await scene.allowed(5, MeterScene.draw(ChargeRule.plan(8))) == 2)
            #expect(try await scene.allowed(1, MeterScene.draw(ChargeRule.plan(5))) == 0)
            // A plan that counts the same by other limits.
            let monthly = ChargeRule(meter: .global, unit: .month, limit: 10, policy: "month")
            let rules = ChargeRule.plan(Limit.unlimited).filter { $0.unit == .day } + [monthly]
            #expect(try await scene.allowed(5, MeterScene.draw(rules)) == 2)
        },
        MeterBehaviour("a soft limit allows what is beyond it, and says so") { scene async throws in
            let draw = MeterScene.draw([.globalDay(2, isSoft: true)])
            var exceeds: [Bool] = []
            for _ in 0..<4 {
                let outcome = try await scene.take(draw)
                #expect(outcome.isAllowed)
                exceeds.append(outcome.exceedsSoftLimit)
            }
            #expect(exceeds == [false, false, true, true])
            #expect(try await scene.used(.day) == 4)
        },
        MeterBehaviour("a burst counts requests of one caller at one service, and what it refuses is not counted") {
            scene async throws in
            let rules: [ChargeRule] = [.globalDay(100), .burst(3)]
            #expect(try await scene.allowed(5, MeterScene.draw(rules, cost: 9)) == 3)
            let refused = try await scene.take(MeterScene.draw(rules))
            #expect(refused.isBurst)
            #expect(refused.binding?.policy == "burst")
            #expect(refused.news.isEmpty)
            #expect(try await scene.allowed(1, MeterScene.draw(rules, at: 2)) == 1)
            #expect(try await scene.used(.day) == 28)
            scene.clock.advance(by: .seconds(1))
            #expect(try await scene.allowed(5, MeterScene.draw(rules)) == 3)
        },
        MeterBehaviour("a burst is held to another than the one whose quota it is") { scene async throws in
            func draw(_ key: UInt64) -> Draw {
                Draw(
                    drawer: .known(.tenant(TenantID(MeterScene.identifier(7)))), burstSubject: MeterScene.user(key),
                    service: MeterScene.service(1), rules: [.globalDay(5), .burst(2)], cost: 1)
            }
            #expect(try await scene.allowed(3, draw(1)) == 2)
            #expect(try await scene.allowed(3, draw(2)) == 2)
            #expect(try await scene.allowed(3, draw(3)) == 1)
        },
        MeterBehaviour("80 % and the end are told once in a window, and again in the next") { scene async throws in
            let draw = MeterScene.draw([.globalDay(5), .serviceDay(100)])
            func told() async throws -> [Int: [DrawOutcome.News]] {
                var told: [Int: [DrawOutcome.News]] = [:]
                for number in 1...8 {
                    let news = try await scene.take(draw).news
                    if !news.isEmpty { told[number] = news }
                }
                return told
            }
            let first = try await told()
            #expect(first.mapValues { $0.map(\.kind) } == [4: [.thresholdReached], 5: [.exhausted]])
            #expect(first[5]?.first?.isGlobal == true)
            #expect(first[5]?.first?.limit.policy == "day")
            scene.clock.advance(by: .seconds(86_400))
            #expect(try await told().keys.sorted() == [4, 5])
        },
        MeterBehaviour("that a larger draw did not fit is told once, and its flag is kept though nothing was counted") {
            scene async throws in
            _ = try await scene.take(MeterScene.draw([.globalDay(10)], cost: 5))
            let tooMuch = MeterScene.draw([.globalDay(10)], cost: 6)
            #expect(try await scene.take(tooMuch).news.map(\.kind) == [.exhausted])
            #expect(try await scene.take(tooMuch).news.isEmpty)
            #expect(try await scene.used(.day) == 5)
        },
    ]
}
