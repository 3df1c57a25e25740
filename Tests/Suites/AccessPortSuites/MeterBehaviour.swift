import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

/// Something that every meter must do:
///
///     @Test("behaves as every meter", arguments: MeterBehaviour.all)
///     func behaves(_ behaviour: MeterBehaviour) async throws { try await behaviour.check(MeterScene(...)) }
package struct MeterBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (MeterScene) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (MeterScene) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = parallel + limits + windows + anonymous + reservations + settlements + accounts
}

/// A meter with nothing counted, and its clock.
package struct MeterScene: Sendable {
    package let meter: any Meter
    package let clock: ManualClock
    /// Gives back the reservations that nobody ended.
    let expire: @Sendable () async throws -> Int

    package init(
        meter: any Meter, clock: ManualClock, expire: @escaping @Sendable () async throws -> Int
    ) {
        self.meter = meter
        self.clock = clock
        self.expire = expire
    }

    package static func identifier(_ number: UInt64) -> Identifier { SequentialIdentifiers.identifier(number) }
    package static func user(_ number: UInt64) -> MeterSubject { .user(identifier(number)) }
    package static func service(_ number: UInt64) -> ServiceID { ServiceID(identifier(1_000 + number)) }

    /// A draw of somebody signed in.
    package static func draw(
        _ rules: [ChargeRule], by user: UInt64 = 1, at service: UInt64 = 1, cost: Int = 1
    ) -> Draw {
        Draw(
            drawer: .known(Self.user(user)), burstSubject: Self.user(user), service: Self.service(service),
            rules: rules, cost: cost)
    }

    /// A draw of nobody signed in.
    static func visit(
        _ address: String, device: UInt64? = nil, at service: UInt64 = 1, perPrefix: Int = 1,
        _ rules: [ChargeRule] = [.serviceDay(1)]
    ) throws -> Draw {
        let caller = AnonymousCaller(
            address: try #require(NetworkAddress(text: address)), device: device.map { identifier($0) })
        return Draw(
            drawer: .anonymous(caller, perPrefix: perPrefix), burstSubject: caller.network,
            service: Self.service(service), rules: rules, cost: 1)
    }

    func take(_ draw: Draw) async throws -> DrawOutcome { try await meter.take(draw) }

    /// How many of so many draws, one after the other, are allowed.
    func allowed(_ count: Int, _ draw: Draw) async throws -> Int {
        var allowed = 0
        for _ in 0..<count where try await meter.take(draw).isAllowed { allowed += 1 }
        return allowed
    }

    /// What is counted in one of somebody's open windows.
    func used(_ unit: WindowUnit, by user: UInt64 = 1, at service: UInt64? = nil) async throws -> Int {
        try await use(unit, by: user, at: service)?.used ?? 0
    }

    func reserved(_ unit: WindowUnit, by user: UInt64 = 1, at service: UInt64? = nil) async throws -> Int {
        try await use(unit, by: user, at: service)?.reserved ?? 0
    }

    private func use(_ unit: WindowUnit, by user: UInt64, at service: UInt64?) async throws -> MeteredUse? {
        try await meter.usage(of: Self.user(user)).first {
            $0.unit == unit && $0.service == service.map { Self.service($0) }
        }
    }

    func reserve(
        _ draw: Draw, id: UInt64 = 1, key: String = "key", caller: UInt64 = 1, lifetime: Duration = .seconds(900)
    ) async throws -> ReserveOutcome {
        try await meter.reserve(
            draw,
            ReservationRequest(
                id: Self.reservation(id), key: key, caller: Self.identifier(500 + caller), lifetime: lifetime))
    }

    func settle(_ used: Settlement, id: UInt64 = 1, caller: UInt64 = 1) async throws -> SettleOutcome {
        try await meter.settle(Self.reservation(id), used: used, by: Self.identifier(500 + caller))
    }

    static func reservation(_ number: UInt64) -> ReservationID { ReservationID(identifier(2_000 + number)) }

    /// Does the same from so many tasks at once.
    package static func atOnce<T: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> T
    ) async throws -> [T] {
        try await withThrowingTaskGroup(of: T.self) { group in
            for number in 0..<count { group.addTask { try await body(number) } }
            var results: [T] = []
            for try await result in group { results.append(result) }
            return results
        }
    }
}

extension ChargeRule {
    package static func globalDay(_ limit: Int, isSoft: Bool = false, isStrict: Bool = false) -> ChargeRule {
        ChargeRule(meter: .global, unit: .day, limit: limit, isSoft: isSoft, isStrict: isStrict, policy: "day")
    }

    package static func serviceDay(_ limit: Int, isStrict: Bool = false) -> ChargeRule {
        ChargeRule(meter: .service, unit: .day, limit: limit, isStrict: isStrict, policy: "service-day")
    }

    package static func burst(_ limit: Int) -> ChargeRule {
        ChargeRule(meter: .burst, unit: .second, limit: limit, policy: "burst")
    }

    /// The day over all services with a limit; all else is only counted: what a plan's rules are like.
    package static func plan(_ limit: Int, isStrict: Bool = false) -> [ChargeRule] {
        [
            .globalDay(limit, isStrict: isStrict), ChargeRule(meter: .global, unit: .month),
            ChargeRule(meter: .service, unit: .day), ChargeRule(meter: .service, unit: .month),
        ]
    }
}
