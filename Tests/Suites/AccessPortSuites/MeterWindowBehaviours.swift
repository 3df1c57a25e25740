import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

extension MeterBehaviour {
    static let windows: [MeterBehaviour] = [
        MeterBehaviour("a new day begins with nothing used, the month goes on") { scene async throws in
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(5))) == 5)
            scene.clock.set(to: WindowUnit.day.window(at: scene.clock.now).end - .milliseconds(1))
            #expect(try await scene.allowed(1, MeterScene.draw(ChargeRule.plan(5))) == 0)
            scene.clock.advance(by: .milliseconds(1))
            #expect(try await scene.used(.day) == 0)
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(5))) == 5)
            #expect(try await scene.used(.month) == 10)
        },
        MeterBehaviour("seconds, minutes and months are windows of their own") { scene async throws in
            for unit in [WindowUnit.second, .minute, .month] {
                let draw = MeterScene.draw(
                    [ChargeRule(meter: .service, unit: unit, limit: 2, policy: unit.rawValue)])
                #expect(try await scene.allowed(3, draw) == 2)
                scene.clock.set(to: unit.window(at: scene.clock.now).end)
                #expect(try await scene.allowed(3, draw) == 2)
            }
        },
        MeterBehaviour("what was counted while a clock was a day ahead holds neither now nor when that day comes") {
            scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(5))
            let start = scene.clock.now
            for moment in [start + .seconds(86_400), start, start + .seconds(86_400)] {
                scene.clock.set(to: moment)
                #expect(try await scene.allowed(9, draw) == 5)
            }
        },
        MeterBehaviour("a clock that goes back a little opens no window") { scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(5))
            let start = scene.clock.now
            scene.clock.set(to: WindowUnit.day.window(at: start).end)
            #expect(try await scene.allowed(3, draw) == 3)
            scene.clock.set(to: WindowUnit.day.window(at: start).end - .seconds(10))
            #expect(try await scene.allowed(5, draw) == 2)
            scene.clock.set(to: WindowUnit.day.window(at: start).end)
            #expect(try await scene.allowed(1, draw) == 0)
        },
    ]

    static let anonymous: [MeterBehaviour] = [
        MeterBehaviour("a visitor is counted by his network, whatever device he shows") { scene async throws in
            #expect(try await scene.take(MeterScene.visit("192.0.2.1", device: 1)).isAllowed)
            #expect(try await !scene.take(MeterScene.visit("192.0.2.1", device: 2)).isAllowed)
            #expect(try await !scene.take(MeterScene.visit("192.0.2.1")).isAllowed)
            #expect(try await scene.take(MeterScene.visit("192.0.2.2")).isAllowed)
        },
        MeterBehaviour("a visitor is counted by his device, wherever he is, and at each service") {
            scene async throws in
            #expect(try await scene.take(MeterScene.visit("192.0.2.1", device: 1)).isAllowed)
            #expect(try await !scene.take(MeterScene.visit("198.51.100.1", device: 1)).isAllowed)
            #expect(try await scene.take(MeterScene.visit("198.51.100.1", device: 1, at: 2)).isAllowed)
            // What the device was refused did not count for that network.
            #expect(try await scene.take(MeterScene.visit("198.51.100.1", device: 2)).isAllowed)
        },
        MeterBehaviour("addresses of one IPv6 /64 are one visitor; a /56 may use 8 times as much, a /48 32 times") {
            scene async throws in
            #expect(try await scene.take(MeterScene.visit("2001:db8::1")).isAllowed)
            #expect(try await !scene.take(MeterScene.visit("2001:db8::2:1")).isAllowed)
            var allowed = 0
            for network in 1...20 {
                let hex = String(network, radix: 16)
                if try await scene.take(MeterScene.visit("2001:db8:0:\(hex)::1")).isAllowed { allowed += 1 }
            }
            #expect(allowed == 7)
            for network in 1...60 {
                let hex = String(network, radix: 16)
                if try await scene.take(MeterScene.visit("2001:db8:0:\(hex)00::1")).isAllowed { allowed += 1 }
            }
            #expect(allowed == 31)
        },
        MeterBehaviour("a network may be given more, and its ceilings grow with it; a device is not") {
            scene async throws in
            var allowed = 0
            for device in 1...5 as ClosedRange<UInt64> {
                let visit = try MeterScene.visit("2001:db8::1", device: device, perPrefix: 3)
                if try await scene.take(visit).isAllowed { allowed += 1 }
            }
            #expect(allowed == 3)
            #expect(try await !scene.take(MeterScene.visit("2001:db8:9::1", device: 1, perPrefix: 3)).isAllowed)
        },
        MeterBehaviour("the burst of a visitor is his network's, once for each request") { scene async throws in
            let rules: [ChargeRule] = [.serviceDay(100), .burst(2)]
            for device in 1...3 as ClosedRange<UInt64> {
                let outcome = try await scene.take(MeterScene.visit("2001:db8::1", device: device, rules))
                #expect(outcome.isAllowed == (device < 3))
                #expect(outcome.isBurst == (device == 3))
            }
        },
    ]

    static let accounts: [MeterBehaviour] = [
        MeterBehaviour("use is told of windows that are open: all services first, bursts aside") { scene async throws in
            #expect(try await scene.meter.usage(of: MeterScene.user(1)).isEmpty)
            let rules = ChargeRule.plan(100) + [.burst(10)]
            _ = try await scene.take(MeterScene.draw(rules, at: 2, cost: 3))
            _ = try await scene.take(MeterScene.draw(rules, at: 1, cost: 2))
            let uses = try await scene.meter.usage(of: MeterScene.user(1))
            let (one, two) = (MeterScene.service(1), MeterScene.service(2))
            #expect(uses.map(\.service) == [nil, nil, one, one, two, two])
            #expect(uses.map(\.unit) == [.day, .month, .day, .month, .day, .month])
            #expect(uses.map(\.used) == [5, 5, 2, 2, 3, 3])
            #expect(uses[1].window == WindowUnit.month.window(at: scene.clock.now))
            scene.clock.advance(by: .seconds(86_400))
            #expect(try await scene.meter.usage(of: MeterScene.user(1)).map(\.unit) == [.month, .month, .month])
        },
        MeterBehaviour("a reset forgets what was used, of one subject; what is set aside stays") { scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(5))
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(5), by: 2)) == 5)
            guard case .reserved = try await scene.reserve(MeterScene.draw(ChargeRule.plan(5), cost: 2)) else {
                Issue.record("it was not reserved")
                return
            }
            #expect(try await scene.allowed(9, draw) == 3)
            try await scene.meter.reset(MeterScene.user(1))
            #expect(try await scene.used(.day) == 0)
            #expect(try await scene.reserved(.day) == 2)
            #expect(try await scene.allowed(9, draw) == 3)
            #expect(try await scene.allowed(1, MeterScene.draw(ChargeRule.plan(5), by: 2)) == 0)
        },
        MeterBehaviour("what a device used today is added to its owner's counters, once") { scene async throws in
            for service in 1...2 as ClosedRange<UInt64> {
                _ = try await scene.take(
                    MeterScene.visit("192.0.2.1", device: 9, at: service, [.serviceDay(9)]))
            }
            _ = try await scene.take(MeterScene.visit("192.0.2.1", device: 9, at: 2, [.serviceDay(9)]))
            _ = try await scene.take(MeterScene.draw(ChargeRule.plan(5)))
            let merge = DeviceMerge(
                device: MeterScene.identifier(9), user: MeterScene.identifier(1), at: scene.clock.now)
            _ = try await MeterScene.atOnce(8) { _ in try await scene.meter.merge(merge) }
            #expect(try await scene.used(.day) == 4)
            #expect(try await scene.used(.month) == 4)
            #expect(try await scene.used(.day, at: 1) == 2)
            #expect(try await scene.used(.day, at: 2) == 2)
            #expect(try await scene.used(.month, at: 2) == 2)
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(5))) == 1)
            // Another one's sign-in on the device is another matter.
            try await scene.meter.merge(
                DeviceMerge(device: MeterScene.identifier(9), user: MeterScene.identifier(2), at: scene.clock.now))
            #expect(try await scene.used(.day, by: 2) == 3)
        },
        MeterBehaviour("what a device used yesterday is nobody's, and a device that used nothing adds nothing") {
            scene async throws in
            _ = try await scene.take(MeterScene.visit("192.0.2.1", device: 9))
            scene.clock.advance(by: .seconds(86_400))
            for device in [8, 9] as [UInt64] {
                try await scene.meter.merge(
                    DeviceMerge(
                        device: MeterScene.identifier(device), user: MeterScene.identifier(1), at: scene.clock.now))
            }
            #expect(try await scene.meter.usage(of: MeterScene.user(1)).isEmpty)
        },
    ]
}
