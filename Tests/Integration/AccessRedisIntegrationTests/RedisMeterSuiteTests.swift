import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import RedisSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The port Meter, over Redis", .timeLimit(.minutes(5)))
struct RedisMeterSuiteTests {
    @Test("in Redis it behaves as every meter", arguments: MeterBehaviour.all)
    func redis(_ behaviour: MeterBehaviour) async throws {
        let house = try RedisMeterHouse()
        try await house.withMeters(1, of: try await RedisServer.shared().url) { meters in
            try await behaviour.check(house.scene(meters[0]))
        }
    }

    @Test("what the script does is what the domain does: the same random draws have the same outcomes in SQL")
    func random() async throws {
        let house = try RedisMeterHouse()
        let sql = try RedisMeterHouse()
        try await house.withMeters(2, of: try await RedisServer.shared().url) { meters in
            try await withMeterTables { database in
                let other = SQLMeter(
                    database: database, masterKey: sql.masterKey, clock: house.clock, logger: .silent)
                var generator = SplitMix64(seed: 42)
                for number in 0..<400 {
                    let draw = Self.draw(&generator)
                    let (left, right) = (try await meters[number % 2].take(draw), try await other.take(draw))
                    #expect(left == right, "draw \(number): \(draw)")
                    if Int.random(in: 0..<20, using: &generator) == 0 {
                        let span = [1_000, 60_000, 86_400_000].randomElement(using: &generator) ?? 1_000
                        house.clock.advance(by: .milliseconds(span))
                    }
                }
            }
        }
    }

    private static func draw(_ generator: inout SplitMix64) -> Draw {
        var rules: [ChargeRule] = []
        for unit in WindowUnit.allCases {
            for meter in [ChargeRule.Meter.global, .service] where Bool.random(using: &generator) {
                let isLimited = Bool.random(using: &generator)
                rules.append(
                    ChargeRule(
                        meter: meter, unit: unit,
                        limit: isLimited ? Int.random(in: 0...60, using: &generator) : Limit.unlimited,
                        isSoft: Int.random(in: 0..<3, using: &generator) == 0, policy: "\(meter)-\(unit)"))
            }
        }
        if Bool.random(using: &generator) { rules.append(.burst(Int.random(in: 1...5, using: &generator))) }
        return MeterScene.draw(
            rules, by: UInt64.random(in: 1...3, using: &generator), at: UInt64.random(in: 1...2, using: &generator),
            cost: Int.random(in: 0...9, using: &generator))
    }
}

/// Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators".
private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
