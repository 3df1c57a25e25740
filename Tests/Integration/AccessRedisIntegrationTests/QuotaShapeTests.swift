import AccessApplication
import AccessDomain
import AccessPortSuites
import Crypto
import Redis
import RedisSupport
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The straight way of a draw's script", .timeLimit(.minutes(5)))
struct QuotaShapeTests {
    @Test("decides, answers and writes what the script for all draws does, byte for byte", arguments: [1, 2, 3, 4])
    func equal(seed: UInt64) async throws {
        let trial = try Trial(seed: seed)
        try await withRedisClient(try await RedisServer.shared().url) { client in
            var verdicts: [UInt8: Int] = [:]
            for number in 0..<800 {
                let verdict = try await trial.run(client, "seed \(seed), draw \(number)")
                verdicts[verdict, default: 0] += 1
            }
            // Allowed and refused on the straight way; both, an older plan and a late draw on the other.
            for verdict: UInt8 in [6, 7, 0, 1, 2, 3] { #expect(verdicts[verdict] != nil, "\(verdicts)") }
        }
    }

    @Test("a counter charged twice, or more counters than fit, take the script for all draws")
    func none() {
        let part = QuotaShape.Part(key: 1, unit: 2, isLimited: true, isSoft: false)
        #expect(QuotaShape([part]) != nil)
        #expect(QuotaShape([part, part]) == nil)
        let many = (1...4).flatMap { key in
            (0..<4).map { QuotaShape.Part(key: key, unit: $0, isLimited: true, isSoft: true) }
        }
        #expect(QuotaShape(many.prefix(8)) != nil)
        #expect(QuotaShape(many + [.init(key: 5, unit: 0, isLimited: true, isSoft: false)]) == nil)
    }

    @Test("by the server's clock a second draw goes straight, and keeps when the keys end")
    func serverClock() async throws {
        let masterKey = try MasterKey(keys: [Secret(SystemRandomSource().bytes(MasterKey.byteCount))])
        let now = SystemWallClock().now
        let rules =
            [ChargeRule.Meter.global, .service].map {
                ChargeRule(meter: $0, unit: .day, limit: 1_000, isSoft: false, policy: "day")
            } + [.burst(1_000)]
        let draw = MeterScene.draw(rules)
        let call = QuotaDraw(draw, QuotaPlan(draw, SubjectKeys(masterKey), QuotaKeys(masterKey)))
        let script = QuotaScripts.draw(try #require(call.shape))
        let moment = QuotaMoment(now: now, sent: 0)
        try await withRedisClient(try await RedisServer.shared().url) { client in
            let tag = RedisServer.newKey("quota")
            let names = call.places.indices.map { RedisCommand.Argument.text("\(tag):\($0)") }
            var ends: [Int64] = []
            for number in 1...2 {
                let known = [KnownCounter?](repeating: nil, count: call.parts.count)
                let packed = call.packed(
                    .take, isNamed: false, moment: moment, node: Array("process1".utf8), number: UInt64(number),
                    known: known, healing: .seconds(1))
                let straight = call.straight(
                    moment: moment, node: Array("process1".utf8), number: UInt64(number), known: known)
                let answer = try #require(
                    try await client.run(script, keys: names, [.bytes(packed), .bytes([]), .bytes(straight)]).bytes)
                ends.append(try #require(try await client.send(RedisCommand("PEXPIRETIME", names[0])).integer))
                guard case .decided(let outcome, let charges, let at, _) = call.answer(answer, .take) else {
                    Issue.record("the script answered \(answer)")
                    return
                }
                #expect(outcome.isAllowed)
                #expect(charges[0].counter.used == number)
                #expect(abs(at.milliseconds - SystemWallClock().now.milliseconds) < 60_000)
                if number == 2 { #expect(answer[0] == 6) }
            }
            #expect(ends[0] == ends[1])
        }
    }
}

/// Draws on values of keys that were made up at the borders of the straight way.
private final class Trial {
    private let keys: SubjectKeys
    private let quotaKeys: QuotaKeys
    private var random: SeededGenerator
    private let node = Array("process1".utf8)
    private let tag = RedisServer.newKey("quota")

    init(seed: UInt64) throws {
        let masterKey = try MasterKey(keys: [Secret(SystemRandomSource().bytes(MasterKey.byteCount))])
        keys = SubjectKeys(masterKey)
        quotaKeys = QuotaKeys(masterKey)
        random = SeededGenerator(seed: seed)
    }

    /// - Returns: the verdict of the script with the straight way.
    func run(_ client: RedisClient, _ comment: Comment) async throws -> UInt8 {
        let now = instant()
        let draw = someDraw()
        let call = QuotaDraw(draw, QuotaPlan(draw, keys, quotaKeys))
        guard let shape = call.shape else { return 255 }
        let values = call.places.map { _ in value(at: now, draw) }
        let known = call.parts.map { part in
            remembered(part, values[call.places.firstIndex(of: QuotaPlace(part.id)) ?? 0], at: now)
        }
        let number = lastNumber(values[0]) + UInt64(rarely([0, 2], 30) ?? 1)
        let moment = QuotaMoment(now: now, sent: now.milliseconds)
        let packed = call.packed(
            .take, isNamed: false, moment: moment, node: node, number: number, known: known, healing: .seconds(1))
        let straight = call.straight(moment: moment, node: node, number: number, known: known)
        var results: [(answer: [UInt8], values: [[UInt8]?], lives: [Int64])] = []
        for (side, script) in [QuotaScripts.draw(shape), QuotaScripts.draw].enumerated() {
            let names = call.places.indices.map { RedisCommand.Argument.text("\(tag):\(side):\($0)") }
            for (name, value) in zip(names, values) {
                guard let value else {
                    try await client.send(RedisCommand("DEL", name))
                    continue
                }
                let life = RedisCommand.Argument(Self.life(value, at: now))
                try await client.send(RedisCommand("SET", name, .bytes(value), "PX", life))
            }
            let answer = try await client.run(script, keys: names, [.bytes(packed), .bytes([]), .bytes(straight)])
            let after = try await client.send([RedisCommand([.text("MGET")] + names)])[0].array ?? []
            let lives = try await client.send(names.map { RedisCommand("PTTL", $0) }).map { $0.integer ?? -3 }
            results.append((try #require(answer.bytes, comment), after.map(\.bytes), lives))
        }
        let (left, right) = (results[0], results[1])
        // A key that is made, or heals from now on, has the server's clock in it.
        let isTimed = right.answer[0] == 5 || values.contains { $0.flatMap(QuotaReader.made) ?? 0 == 0 }
        #expect(left.values.map { masked($0, isTimed) } == right.values.map { masked($0, isTimed) }, comment)
        for (one, other) in zip(left.lives, right.lives) { #expect(abs(one - other) < 60_000, comment) }
        #expect(
            summary(call.answer(left.answer, .take), isTimed) == summary(call.answer(right.answer, .take), isTimed),
            comment)
        if left.answer[0] >= 6 { #expect(right.answer[0] == 7 - left.answer[0], comment) }
        return left.answer[0]
    }

    private func masked(_ value: [UInt8]?, _ isTimed: Bool) -> [UInt8]? {
        guard let value, isTimed else { return value }
        return Array(value[..<13]) + Array(value[25...])
    }

    private func summary(_ answer: QuotaAnswer?, _ isTimed: Bool) -> String {
        switch answer {
        case .decided(let outcome, let charges, let at, let epochs):
            "\(outcome) \(charges) \(at) \(epochs.map { isTimed ? "\($0.generation)" : "\($0)" })"
        case .healing(let charges, let at, _, _): "healing \(charges) \(at)"
        case nil: "no answer \(Int.random(in: 0 ... .max))"
        case let other: "\(other!)"
        }
    }

    // MARK: Made up

    /// One of these, once in a while.
    private func rarely<T>(_ values: [T], _ odds: Int = 100) -> T? {
        Int.random(in: 0..<odds, using: &random) == 0 ? values.randomElement(using: &random) : nil
    }

    private func one<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }

    /// Also at the very end of a window, and as far ahead of one as a clock may be.
    private func instant() -> Timestamp {
        let some = Timestamp(milliseconds: 1_790_000_000_000 + Int64.random(in: 0..<10_000_000_000, using: &random))
        guard Int.random(in: 0..<3, using: &random) == 0 else { return some }
        let start = one([WindowUnit.second, .minute, .day, .month]).window(at: some).end
        return start - .milliseconds(one([-1, 0, 1, 9_999, 10_000, 10_001]))
    }

    private func someDraw() -> Draw {
        var rules: [ChargeRule] = []
        for unit in WindowUnit.allCases {
            for meter in [ChargeRule.Meter.global, .service] where Int.random(in: 0..<3, using: &random) > 0 {
                rules.append(
                    ChargeRule(
                        meter: meter, unit: unit,
                        limit: Bool.random(using: &random) ? Limit.unlimited : rarely([0, 24, 26]) ?? 40,
                        isSoft: Int.random(in: 0..<3, using: &random) == 0, policy: "\(meter)-\(unit)"))
            }
        }
        if Bool.random(using: &random) { rules.append(.burst(one([20, 21, 22, 60]))) }
        if rules.isEmpty { rules.append(.burst(30)) }
        let caller = MeterScene.user(1)
        let isVisitor = Int.random(in: 0..<4, using: &random) == 0
        let visitor = NetworkAddress(text: one(["192.0.2.1", "2001:db8::1"])).map {
            AnonymousCaller(address: $0, device: Bool.random(using: &random) ? MeterScene.identifier(7) : nil)
        }
        return Draw(
            drawer: isVisitor ? visitor.map { .anonymous($0, perPrefix: 2) } ?? .known(caller) : .known(caller),
            burstSubject: isVisitor ? visitor?.network ?? caller : caller, service: MeterScene.service(1),
            rules: rules, cost: one([0, 1, 1, 1, 2]), version: 5, insists: Bool.random(using: &random))
    }

    /// The value of a key, or none.
    private func value(at now: Timestamp, _ draw: Draw) -> [UInt8]? {
        if rarely([true]) != nil { return nil }
        var writer = QuotaWriter()
        writer.long(rarely([4, 6], 30) ?? 5)
        writer.generation(UInt32(rarely([8]) ?? 7))
        let closed = rarely([1, 2]) ?? 0
        writer.byte(UInt8(closed))
        writer.amount(rarely([0, 1_000_001]) ?? 1_000_000)
        writer.amount(rarely([1_000, Int(SystemWallClock().now.milliseconds) + 600_000]) ?? 0)
        for unit in CounterUnit.allCases {
            writer.seconds(end(unit, at: now))
            writer.amount(one([0, 1, 2, 5, 18, 19, 20, 21, 30, 31, 32, 37, 38, 39, 40]))
            writer.amount(rarely([1, 2]) ?? 0)
            writer.amount(one([0, 39, 40, 40, 41, 41]))
            writer.amount(one([0, 39, 40, 40, 41, 41]))
        }
        for _ in 0..<closed {
            writer.byte(2)
            writer.seconds(now - .seconds(86_400))
            writer.amount(3)
            writer.amount(2)
        }
        var others = (0..<one([0, 0, 1, 2, 15, 16])).map { Array("other\(100 + $0)".utf8) }
        if let at = one([others.count, others.count, nil, others.indices.randomElement(using: &random)]) {
            if others.count == 16 { others.removeLast() }
            others.insert(node, at: min(at, others.count))
        }
        for other in others {
            writer.append(other)
            writer.amount(Int.random(in: 1...1_000, using: &random))
        }
        return writer.bytes
    }

    private func end(_ unit: CounterUnit, at now: Timestamp) -> Timestamp {
        let window = unit.window.window(at: now)
        let isShort = unit.window != .day && unit.window != .month
        if isShort, Int.random(in: 0..<3, using: &random) == 0 {
            return one([window.start, Timestamp(milliseconds: 0)])
        }
        return rarely([window.start, unit.window.window(at: window.end).end, Timestamp(milliseconds: 0)]) ?? window.end
    }

    /// What the process remembers of a counter.
    private func remembered(_ part: DrawPart, _ value: [UInt8]?, at now: Timestamp) -> KnownCounter? {
        guard let value, rarely([true]) == nil else { return nil }
        var slot = QuotaReader(value, after: 25 + 28 * part.id.unit.rawValue)
        guard let end = slot.end(), let used = slot.amount(), let made = QuotaReader.made(value) else { return nil }
        let window = part.id.unit.window
        let open = rarely([end + .milliseconds(1), end - .seconds(3_456_000)]) ?? max(end - .milliseconds(1), now)
        let confirmed = rarely([used + 1, used + 5]) ?? max(0, used - 1)
        return KnownCounter(
            counter: Counter(window: window.window(at: open), used: confirmed), confirmed: confirmed,
            epoch: QuotaEpoch(generation: UInt32(rarely([6, 8]) ?? 7), made: rarely([0, made + 1]) ?? made))
    }

    private func lastNumber(_ value: [UInt8]?) -> UInt64 {
        guard let value else { return 1 }
        var at = 193 + 17 * Int(value[12])
        while at + 14 <= value.count {
            if Array(value[at..<at + 8]) == node {
                var reader = QuotaReader(value, after: at + 8)
                return UInt64(reader.amount() ?? 0)
            }
            at += 14
        }
        return 1
    }

    /// As the script gives it to a key.
    private static func life(_ value: [UInt8], at now: Timestamp) -> Int64 {
        let ends = [2, 3].map { unit in
            var reader = QuotaReader(value, after: 25 + 28 * unit)
            return reader.end()?.milliseconds ?? 0
        }
        return max(ends[0], ends[1], now.milliseconds) + 86_400_000 - now.milliseconds
    }
}

extension QuotaReader {
    fileprivate static func made(_ value: [UInt8]) -> Int? {
        var reader = QuotaReader(value, after: 13)
        return reader.amount()
    }
}
