import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

extension MeterBehaviour {
    static let reservations: [MeterBehaviour] = [
        MeterBehaviour("what is set aside is not there for others; what was not used is given back") {
            scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(10), cost: 6)
            guard case .reserved(let reservation, let outcome) = try await scene.reserve(draw) else {
                Issue.record("it was not reserved")
                return
            }
            #expect(outcome.isAllowed)
            #expect(outcome.binding?.remaining == 4)
            #expect(reservation.state == .open)
            #expect(reservation.amount == 6)
            #expect(reservation.subject == MeterScene.user(1))
            #expect(reservation.expiresAt == scene.clock.now + .seconds(900))
            #expect(try await scene.used(.day) == 0)
            #expect(try await scene.reserved(.month, at: 1) == 6)
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(10))) == 4)
            guard case .settled(let settled) = try await scene.settle(.commit(2)) else {
                Issue.record("it was not settled")
                return
            }
            #expect(settled.state == .committed(used: 2))
            #expect(try await scene.reserved(.day) == 0)
            #expect(try await scene.used(.day) == 6)
            #expect(try await scene.allowed(9, MeterScene.draw(ChargeRule.plan(10))) == 4)
        },
        MeterBehaviour("without room nothing is set aside, and the key stands for nothing") { scene async throws in
            #expect(try await scene.allowed(3, MeterScene.draw(ChargeRule.plan(5))) == 3)
            let draw = MeterScene.draw(ChargeRule.plan(5), cost: 4)
            guard case .refused(let outcome) = try await scene.reserve(draw) else {
                Issue.record("it was not refused")
                return
            }
            #expect(!outcome.isAllowed)
            #expect(outcome.binding?.used == 3)
            #expect(try await scene.reserved(.day) == 0)
            #expect(try await scene.settle(.release) == .unknown)
            guard case .reserved = try await scene.reserve(MeterScene.draw(ChargeRule.plan(9), cost: 4)) else {
                Issue.record("it was not reserved")
                return
            }
        },
        MeterBehaviour("the same caller and key are one reservation; for another amount the key is used") {
            scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(10), cost: 4)
            let outcomes = try await MeterScene.atOnce(8) { try await scene.reserve(draw, id: UInt64($0 + 1)) }
            let ids = outcomes.compactMap { if case .reserved(let one, _) = $0 { one.id } else { nil } }
            #expect(ids.count == 8)
            #expect(Set(ids).count == 1)
            #expect(try await scene.reserved(.day) == 4)
            #expect(try await scene.reserve(MeterScene.draw(ChargeRule.plan(10), cost: 5), id: 20) == .keyReused)
            guard case .reserved(let other, _) = try await scene.reserve(draw, id: 21, caller: 2) else {
                Issue.record("another caller has keys of his own")
                return
            }
            #expect(other.id == MeterScene.reservation(21))
            #expect(try await scene.reserved(.day) == 8)
        },
        MeterBehaviour("of many reservations at once as many are made as there is room for") { scene async throws in
            let outcomes = try await MeterScene.atOnce(40) {
                try await scene.reserve(
                    MeterScene.draw(ChargeRule.plan(50), cost: 7), id: UInt64($0), key: "key \($0)")
            }
            let made = outcomes.filter { if case .reserved = $0 { true } else { false } }
            #expect(made.count == 7)
            #expect(try await scene.reserved(.day) == 49)
        },
        MeterBehaviour("a reservation is one request to a burst limit, also after it was settled") {
            scene async throws in
            let rules = ChargeRule.plan(100) + [.burst(2)]
            _ = try await scene.reserve(MeterScene.draw(rules, cost: 30))
            _ = try await scene.settle(.commit(40))
            #expect(try await scene.allowed(5, MeterScene.draw(rules)) == 1)
            #expect(try await scene.used(.day) == 41)
        },
        MeterBehaviour("a visitor's reservation holds all of his shares, and names his network when it is settled") {
            scene async throws in
            let visit = try MeterScene.visit("2001:db8:1:2::3", device: 4)
            guard case .reserved(let made, _) = try await scene.reserve(visit) else {
                Issue.record("it was not reserved")
                return
            }
            #expect(try await !scene.take(MeterScene.visit("2001:db8:1:2::3")).isAllowed)
            #expect(try await !scene.take(MeterScene.visit("192.0.2.1", device: 4)).isAllowed)
            guard case .settled(let settled) = try await scene.settle(.release) else {
                Issue.record("it was not settled")
                return
            }
            #expect(settled.subject == made.subject)
            #expect(try await scene.take(visit).isAllowed)
        },
    ]

    static let settlements: [MeterBehaviour] = [
        MeterBehaviour("a reservation is settled once, however often and by however many it is asked") {
            scene async throws in
            _ = try await scene.reserve(MeterScene.draw(ChargeRule.plan(50), cost: 10))
            let outcomes = try await MeterScene.atOnce(12) { number in
                try await scene.settle(number.isMultiple(of: 2) ? .commit(8) : .release)
            }
            let settled = outcomes.filter { if case .settled = $0 { true } else { false } }
            let conflicts = outcomes.filter { if case .conflict = $0 { true } else { false } }
            #expect(settled.count == 6)
            #expect(conflicts.count == 6)
            #expect(try await scene.reserved(.day) == 0)
            let used = try await scene.used(.day)
            #expect(used == 8 || used == 0)
            guard case .settled(let end)? = settled.first else { return }
            #expect(end.state == (used == 8 ? .committed(used: 8) : .released))
        },
        MeterBehaviour("nobody but the caller settles, and what was never reserved is unknown") { scene async throws in
            _ = try await scene.reserve(MeterScene.draw(ChargeRule.plan(50), cost: 10))
            #expect(try await scene.settle(.commit(1), caller: 2) == .unknown)
            #expect(try await scene.settle(.commit(1), id: 9) == .unknown)
            #expect(try await scene.reserved(.day) == 10)
        },
        MeterBehaviour("a commit above what was reserved needs room; without it nothing changes") {
            scene async throws in
            _ = try await scene.reserve(MeterScene.draw(ChargeRule.plan(10), cost: 4))
            #expect(try await scene.allowed(4, MeterScene.draw(ChargeRule.plan(10))) == 4)
            guard case .noRoom(let limit) = try await scene.settle(.commit(7)) else {
                Issue.record("there was room")
                return
            }
            #expect(limit?.policy == "day")
            #expect(limit?.limit == 10)
            #expect(try await scene.reserved(.day) == 4)
            guard case .settled = try await scene.settle(.commit(6)) else {
                Issue.record("it was not settled")
                return
            }
            #expect(try await scene.used(.day) == 10)
        },
        MeterBehaviour("what nobody ends expires, and is given back once") { scene async throws in
            _ = try await scene.reserve(MeterScene.draw(ChargeRule.plan(10), cost: 4), lifetime: .seconds(60))
            _ = try await scene.reserve(
                MeterScene.draw(ChargeRule.plan(10), cost: 2), id: 2, key: "other", lifetime: .seconds(90))
            #expect(try await scene.expire() == 0)
            scene.clock.advance(by: .seconds(60))
            #expect(try await scene.expire() == 1)
            #expect(try await scene.expire() == 0)
            #expect(try await scene.reserved(.day) == 2)
            #expect(try await scene.settle(.commit(1)) == .expired)
            #expect(try await scene.used(.day) == 0)
        },
        MeterBehaviour("a commit that comes too late gives back at once") { scene async throws in
            _ = try await scene.reserve(MeterScene.draw(ChargeRule.plan(10), cost: 4), lifetime: .seconds(60))
            scene.clock.advance(by: .seconds(60))
            #expect(try await scene.settle(.commit(1)) == .expired)
            #expect(try await scene.reserved(.day) == 0)
            #expect(try await scene.expire() == 0)
        },
        MeterBehaviour("it counts in the window of the reserve, though that is over") { scene async throws in
            let draw = MeterScene.draw(ChargeRule.plan(10), cost: 4)
            _ = try await scene.reserve(draw, lifetime: .seconds(86_400))
            _ = try await scene.reserve(draw, id: 2, key: "other", lifetime: .seconds(86_400))
            scene.clock.set(to: WindowUnit.day.window(at: scene.clock.now).end + .seconds(60))
            #expect(try await scene.allowed(10, MeterScene.draw(ChargeRule.plan(10))) == 10)
            guard case .noRoom = try await scene.settle(.commit(7)) else {
                Issue.record("the day of the reserve had room for 6")
                return
            }
            guard case .settled = try await scene.settle(.commit(6)),
                case .settled = try await scene.settle(.release, id: 2)
            else {
                Issue.record("it was not settled")
                return
            }
            #expect(try await scene.used(.day) == 10)
            #expect(try await scene.reserved(.month) == 0)
            #expect(try await scene.used(.month) == 16)
        },
    ]
}
