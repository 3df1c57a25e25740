import AccessApplication
import AccessDomain
import AccessPortSuites
import EventLoop
import Lifecycle
import Redis
import RedisSupport
import ServerSupport
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Quota while Redis loses data, hangs or is gone", .timeLimit(.minutes(5)))
struct RedisLossTests {
    private let house: RedisMeterHouse
    private let draw = MeterScene.draw(ChargeRule.plan(50))

    init() throws {
        house = try RedisMeterHouse()
    }

    @Test("emptied in the middle: at most the limit and one for each process")
    func emptied() async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(of: server.url) { [draw] meters async throws in
                // Each process has counted before: one that never heard of Redis has nothing to put back.
                for meter in meters { #expect(try await meter.take(draw).isAllowed) }
                let allowed = Atomic(3)
                _ = try await MeterScene.atOnce(36) { connection in
                    for _ in 0..<27 {
                        let outcome = try await meters[connection % 3].take(draw)
                        guard outcome.isAllowed else { continue }
                        if allowed.add(1, ordering: .relaxed).newValue == 30 {
                            _ = try await meters[0].client.send(RedisCommand("FLUSHALL"))
                        }
                    }
                }
                #expect((50...53).contains(allowed.load(ordering: .relaxed)))
            }
        }
    }

    @Test("emptied over and over again, also while it heals: no process loses what it saw")
    func emptiedOften() async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(of: server.url) { [draw] meters async throws in
                for meter in meters { #expect(try await meter.take(draw).isAllowed) }
                let allowed = Atomic(3)
                for _ in 0..<4 {
                    let outcomes = try await MeterScene.atOnce(12) { try await meters[$0 % 3].take(draw) }
                    allowed.add(outcomes.count { $0.isAllowed }, ordering: .relaxed)
                    _ = try await meters[0].client.send(RedisCommand("FLUSHALL"))
                }
                let sum = allowed.load(ordering: .relaxed)
                #expect((50...53).contains(sum))
                var more = 0
                for meter in meters where try await meter.take(draw).isAllowed { more += 1 }
                #expect((50...53).contains(sum + more))
            }
        }
    }

    @Test("a process that notices a loss wakes the others, and hears what they wrote before it counts again")
    func idle() async throws {
        let signals = LocalSignals()
        try await RedisServer.withOwn { server in
            try await house.withMeters(of: server.url, signals: signals, healing: .seconds(20)) {
                [draw] meters async throws in
                for meter in meters { #expect(try await meter.take(draw).isAllowed) }
                for _ in 0..<40 { #expect(try await meters[0].take(draw).isAllowed) }
                await meters[0].wakeup.wait(upTo: .zero)
                _ = try await meters[0].client.send(RedisCommand("FLUSHALL"))
                // What its journal does when it is woken.
                async let flushed: Void = {
                    try await eventually { meters[0].wakeup.isPending }
                    try await meters[0].flush()
                }()
                let outcomes = try await MeterScene.atOnce(60) { try await meters[1 + $0 % 2].take(draw) }
                try await flushed
                #expect(outcomes.count { $0.isAllowed } == 7)
                #expect(outcomes.allSatisfy { !$0.isDegraded })
            }
        }
    }

    @Test("frozen in the middle: each process goes on alone, says so, and everything is counted when it is back")
    func frozen() async throws {
        try await outage(begin: { try $0.freeze() }, end: { try $0.thaw() })
    }

    @Test("killed in the middle, and back without its data: the same")
    func killed() async throws {
        try await outage(begin: { try await $0.stop(immediately: true) }, end: { try await $0.start() })
    }

    private func outage(
        begin: @escaping @Sendable (RedisServer) async throws -> Void,
        end: @escaping @Sendable (RedisServer) async throws -> Void
    ) async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(of: server.url, timeout: .seconds(2)) { [draw] meters async throws in
                for number in 0..<12 { #expect(try await meters[number % 3].take(draw).isAllowed) }
                try await begin(server)
                let outcomes = try await MeterScene.atOnce(150) { try await meters[$0 % 3].take(draw) }
                #expect(outcomes.allSatisfy { $0.isDegraded })
                let alone = outcomes.count { $0.isAllowed }
                // Each knew of 10 to 12 that were used.
                #expect((3 * 38...3 * 40).contains(alone))
                // What the journal does each second.
                for meter in meters { try await meter.flush() }
                try await end(server)
                try await eventually {
                    for meter in meters where !meter.client.status.isConnected { return false }
                    for meter in meters {
                        do {
                            try await meter.bringBack(meter.call(draw).group)
                        } catch is RedisMeter.Loss {
                            return false
                        }
                    }
                    return true
                }
                let after = try await meters[0].peek(draw)
                #expect(!after.isDegraded && !after.isAllowed)
                #expect(after.binding?.used == 12 + alone)
                for meter in meters {
                    #expect(try await meter.usage(of: MeterScene.user(1)).first?.used == 12 + alone)
                }
            }
        }
    }

    @Test("a replica that had not heard of the last draws is promoted: at most the limit and one for each process")
    func failover() async throws {
        try await RedisServer.withOwn { first in
            try await RedisServer.withOwn(["--replicaof", "127.0.0.1 \(first.port)"]) { second in
                try await first.withSentinel { sentinel in
                    try await eventually { try await ask(first, "INFO", "replication").contains("state=online") }
                    try await eventually { try await ask(sentinel, "SENTINEL", "REPLICAS", "gapura").contains("slave") }
                    try await lose(first, second, try RedisURL("redis+sentinel://127.0.0.1:\(sentinel.port)/gapura"))
                }
            }
        }
    }

    private func lose(_ first: RedisServer, _ second: RedisServer, _ url: RedisURL) async throws {
        try await house.withMeters(of: url) { [draw] meters async throws in
            for number in 0..<20 { #expect(try await meters[number % 3].take(draw).isAllowed) }
            _ = try await meters[0].client.send(RedisCommand("WAIT", "1", "10000"))
            try second.freeze()
            for number in 0..<15 { #expect(try await meters[number % 3].take(draw).isAllowed) }
            try await first.stop(immediately: true)
            try second.thaw()
            try await eventually {
                meters.allSatisfy { $0.client.status.endpoint == .tcp(host: "127.0.0.1", port: second.port) }
            }
            let outcomes = try await MeterScene.atOnce(300) { try await meters[$0 % 3].take(draw) }
            #expect((15...18).contains(outcomes.count { $0.isAllowed }))
        }
    }

    private func ask(_ server: RedisServer, _ words: String...) async throws -> String {
        try await ProgramRun.output("/usr/bin/redis-cli", ["-p", "\(server.port)"] + words)
    }

    @Test("a strict limit holds exactly without Redis, and is not degraded")
    func strict() async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(of: server.url) { meters async throws in
                let strict = MeterScene.draw(ChargeRule.plan(50).map(\.strict))
                for _ in 0..<10 { #expect(try await meters[0].take(strict).isAllowed) }
                try await server.stop(immediately: true)
                let outcomes = try await MeterScene.atOnce(200) { try await meters[$0 % 3].take(strict) }
                #expect(outcomes.count { $0.isAllowed } == 40)
                #expect(outcomes.allSatisfy { !$0.isDegraded })
            }
        }
    }

    @Test("a server that stops after it has counted and before it answers counts nothing twice")
    func doubtful() async throws {
        try await RedisServer.withOwn { server in
            try await house.withMeters(1, of: server.url, timeout: .seconds(1)) { [draw] meters async throws in
                #expect(try await meters[0].take(draw).isAllowed)
                // It will read the draws, and count them, once it runs again: too late for whoever asked.
                try server.freeze()
                let outcomes = try await MeterScene.atOnce(20) { _ in try await meters[0].take(draw) }
                #expect(outcomes.allSatisfy { $0.isAllowed && $0.isDegraded })
                try server.thaw()
                try await eventually {
                    // As it would be after one more.
                    let outcome = try await meters[0].peek(draw)
                    return !outcome.isDegraded && outcome.binding?.used == 22
                }
                #expect(try await meters[0].take(draw).binding?.used == 22)
            }
        }
    }
}

extension ChargeRule {
    fileprivate var strict: ChargeRule {
        isLimited
            ? ChargeRule(meter: meter, unit: unit, limit: limit, isSoft: isSoft, isStrict: true, policy: policy) : self
    }
}

/// Of processes that are one.
private final class LocalSignals: ProcessSignals {
    private let handlers = Mutex<[String: [@Sendable () -> Void]]>([:])

    func announce(_ topic: String) { for handler in handlers.withLock({ $0[topic] ?? [] }) { handler() } }

    func listen(to topic: String, _ handler: @escaping @Sendable () -> Void) {
        handlers.withLock { $0[topic, default: []].append(handler) }
    }
}
