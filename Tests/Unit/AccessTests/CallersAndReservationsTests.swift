import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("Anonymous callers")
struct AnonymousCallerTests {
    private let device = SequentialIdentifiers.identifier(5)
    private let now = Timestamp(seconds: 1_790_000_000)

    private func shares(_ address: String, device: Identifier? = nil, perPrefix: Int = 1) throws -> [String] {
        let caller = AnonymousCaller(address: try #require(NetworkAddress(text: address)), device: device)
        return (0..<caller.shareCount).map { index in
            let share = caller.share(index, perPrefix: perPrefix)
            switch share.subject {
            case .network(let prefix): return "\(prefix) x\(share.factor)"
            case .device: return "device x\(share.factor)"
            default: return "somebody else"
            }
        }
    }

    @Test("an IPv4 address counts by itself, in whatever form it is written")
    func ipv4() throws {
        #expect(try shares("192.0.2.7").count == 1)
        #expect(try shares("192.0.2.7") == shares("::ffff:192.0.2.7"))
        #expect(try shares("192.0.2.7") != shares("192.0.2.8"))
    }

    @Test("an IPv6 address counts by its /64, with ceilings of 8 and 32 times for the /56 and the /48")
    func ipv6() throws {
        let expected = ["2001:db8:1:2::/64 x1", "2001:db8:1::/56 x8", "2001:db8:1::/48 x32"]
        #expect(try shares("2001:db8:1:2:3:4:5:6") == expected)
        #expect(try shares("2001:db8:1:2::1") == expected)
        #expect(try shares("2001:db8:1:3::1").first != expected.first)
        #expect(try Array(shares("2001:db8:1:3::1").dropFirst()) == Array(expected.dropFirst()))
    }

    @Test("a device counts beside its network and is not raised with it")
    func devices() throws {
        #expect(
            try shares("192.0.2.7", device: device, perPrefix: 5).map { $0.split(separator: " ").last } == [
                "x5", "x1",
            ])
        let expected = ["2001:db8::/64 x5", "2001:db8::/56 x40", "2001:db8::/48 x160", "device x1"]
        #expect(try shares("2001:db8::1", device: device, perPrefix: 5) == expected)
    }

    @Test("dropped cookies and other addresses of the same /48 give nothing beyond the ceilings")
    func rotation() throws {
        var counters: [MeterSubject: Counter] = [:]
        var generator = SeededGenerator(seed: 3)
        let rule = ChargeRule(meter: .service, unit: .day, limit: 1)
        var allowed = 0
        for _ in 0..<3_000 {
            let high = 0x2001_0DB8_0001_0000 | UInt64.random(in: 0...0xFFFF, using: &generator)
            let address = NetworkAddress(ipv6High: high, low: UInt64.random(in: 1...UInt64.max, using: &generator))
            let cookie = Bool.random(using: &generator) ? Identifier(high: generator.next(), low: 0) : nil
            let caller = AnonymousCaller(address: address, device: cookie)
            let shares = (0..<caller.shareCount).map { caller.share($0, perPrefix: 1) }
            var charges = shares.map { share in
                let counter = counters[share.subject] ?? Counter(window: WindowUnit.day.window(at: now))
                return Charge(counter: counter, rule: rule, cost: 1, factor: share.factor)
            }
            var span = charges.mutableSpan
            if Charges.take(&span).isAllowed { allowed += 1 }
            for (share, charge) in zip(shares, charges) { counters[share.subject] = charge.counter }
        }
        #expect(allowed == 32)
    }

    @Test("what a device used today is copied once for it, the account and the day; other days are left out")
    func merge() {
        let service = ServiceID(SequentialIdentifiers.identifier(9))
        let merge = DeviceMerge(device: device, user: SequentialIdentifiers.identifier(8), at: now)
        let today = Counter(window: WindowUnit.day.window(at: now), used: 1)
        let yesterday = Counter(window: WindowUnit.day.window(at: now - .seconds(86_400)), used: 1)
        let unused = Counter(window: WindowUnit.day.window(at: now))
        let counters = [(service, today), (service, yesterday), (service, unused)]
        #expect(merge.counts(of: counters, isDone: false) == [.init(service: service, used: 1)])
        #expect(merge.counts(of: counters, isDone: true).isEmpty)
        let later = DeviceMerge(device: device, user: merge.user, at: today.window.end - .milliseconds(1))
        #expect(later == merge)
        #expect(DeviceMerge(device: device, user: merge.user, at: today.window.end) != merge)
        #expect(DeviceMerge(device: device, user: device, at: now) != merge)
    }
}

@Suite("Whose use is counted")
struct MeterSubjectTests {
    @Test("a person's plan is counted for the person, a tenant's for all its members together")
    func pools() {
        let identifier = SequentialIdentifiers.identifier(1)
        #expect(EntitlementSubject.user(identifier).meter == .user(identifier))
        #expect(EntitlementSubject.tenant(TenantID(identifier)).meter == .tenant(TenantID(identifier)))
        #expect(MeterKey(.user(identifier)) != MeterKey(.user(identifier), service: ServiceID(identifier)))
    }
}

@Suite("Reservations")
struct ReservationTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)

    private func reservation(_ state: Reservation.State = .open) -> Reservation {
        Reservation(
            id: identifiers.next(), key: "job-1", caller: SequentialIdentifiers.identifier(100),
            subject: .user(SequentialIdentifiers.identifier(101)),
            service: ServiceID(SequentialIdentifiers.identifier(102)), amount: 5, reservedAt: now,
            expiresAt: now + .seconds(60), state: state)
    }

    @Test("an open one is committed or released until it expires")
    func open() {
        #expect(reservation().commit(3, at: now) == .settle(used: 3))
        #expect(reservation().commit(9, at: now) == .settle(used: 9))
        #expect(reservation().commit(-1, at: now) == .settle(used: 0))
        #expect(reservation().release(at: now) == .settle(used: 0))
        #expect(reservation().commit(3, at: now + .seconds(60)) == .expired)
        #expect(reservation().release(at: now + .seconds(60)) == .expired)
        #expect(!reservation().isOverdue(at: now + .milliseconds(59_999)))
        #expect(reservation().isOverdue(at: now + .seconds(60)))
    }

    @Test("the same end again is the same answer, another one a conflict, also after its time")
    func repeated() {
        let late = now + .seconds(600)
        #expect(reservation(.committed(used: 3)).commit(3, at: late) == .repeated)
        #expect(reservation(.committed(used: 3)).commit(4, at: now) == .conflict)
        #expect(reservation(.committed(used: 0)).release(at: now) == .conflict)
        #expect(reservation(.released).release(at: late) == .repeated)
        #expect(reservation(.released).commit(0, at: now) == .conflict)
        #expect(reservation(.expired).commit(3, at: late) == .expired)
        #expect(reservation(.expired).release(at: late) == .expired)
        for state in [Reservation.State.committed(used: 3), .released, .expired] {
            #expect(!reservation(state).isOverdue(at: late))
        }
    }

    @Test("a key names one reservation of one caller")
    func keys() {
        let one = reservation()
        #expect(one.isRepeated(by: one.caller, subject: one.subject, service: one.service, amount: 5))
        #expect(!one.isRepeated(by: one.caller, subject: one.subject, service: one.service, amount: 6))
        #expect(!one.isRepeated(by: identifiers.next(), subject: one.subject, service: one.service, amount: 5))
        let other = MeterSubject.tenant(TenantID(identifiers.next()))
        #expect(!one.isRepeated(by: one.caller, subject: other, service: one.service, amount: 5))
    }
}
