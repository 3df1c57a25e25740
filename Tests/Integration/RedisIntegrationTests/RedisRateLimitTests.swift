import Cache
import Redis
import RedisSupport
import Shared
import TestSupport
import Testing

@Suite("Rate limits in Redis", .timeLimit(.minutes(5)))
struct RedisRateLimitTests {
    private let rule = RateLimitRule(quota: 3, window: .seconds(600))

    @Test("a window begins with the first attempt and lets the quota pass; what is refused is not counted")
    func window() async throws {
        try await withStore { store, key in
            for remaining in [2, 1, 0] {
                let state = try await store.hit(key, rule: rule)
                #expect(state.isAllowed && state.remaining == remaining)
                #expect(state.resetsIn > .seconds(500) && state.resetsIn <= .seconds(600))
            }
            for _ in 0..<20 {
                let state = try await store.hit(key, rule: rule)
                #expect(!state.isAllowed && state.remaining == 0 && state.resetsIn <= .seconds(600))
            }
            // A larger quota in the same window shows how many were counted.
            #expect(try await store.hit(key, rule: RateLimitRule(quota: 10, window: .seconds(600))).remaining == 6)
            #expect(try await store.hit(key + "other", rule: rule).remaining == 2)
        }
    }

    @Test("the next window begins when the server's clock says that this one is over")
    func nextWindow() async throws {
        try await withStore { store, key in
            let short = RateLimitRule(quota: 1, window: .milliseconds(80))
            #expect(try await store.hit(key, rule: short).isAllowed)
            // The time limit of the suite ends this if no window ever follows.
            while !(try await store.hit(key, rule: short).isAllowed) {}
        }
    }

    @Test("attempts in parallel, from several processes, never exceed the quota, and use all of it")
    func parallel() async throws {
        let url = try await RedisServer.shared().url
        let key = RedisServer.newKey("parallel")
        let rule = RateLimitRule(quota: 50, window: .seconds(600))
        let clients = try (0..<3).map { _ in try RedisClient(url, settings: .patient) }
        let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<600 {
                let store = RedisRateLimitStore(clients[number % 3], own: FailingStore()) { $0 }
                group.addTask { try await store.hit(key, rule: rule).isAllowed }
            }
            var allowed = 0
            for try await isAllowed in group where isAllowed { allowed += 1 }
            return allowed
        }
        for client in clients { await client.close() }
        #expect(allowed == 50)
    }

    @Test("while Redis is away each process counts by itself, and together again when it is back")
    func outage() async throws {
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, .quick) { client in
                let store = RedisRateLimitStore(client, own: InMemoryRateLimitStore(clock: ManualClock())) { $0 }
                #expect(try await store.hit("k", rule: rule).remaining == 2)
                try await server.stop(immediately: true)
                _ = await untilUnreachable(client)
                for remaining in [2, 1, 0] { #expect(try await store.hit("k", rule: rule).remaining == remaining) }
                #expect(try await !store.hit("k", rule: rule).isAllowed)
                try await server.start()
                try await untilConnected(client)
                // Redis was emptied.
                #expect(try await store.hit("k", rule: rule).remaining == 2)
            }
        }
    }

    @Test("no key of Redis has the name of whom it counts")
    func names() async throws {
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url) { client in
                let store = RedisRateLimitStore(client, own: FailingStore()) { "\($0.count)" }
                _ = try await store.hit("login:account:ana@example.com", rule: rule)
                let keys = try await client.send(RedisCommand("KEYS", "*"))
                #expect(keys == .array([.bytes(Array("r:29".utf8))]))
            }
        }
    }

    private func withStore(_ body: (RedisRateLimitStore, String) async throws -> Void) async throws {
        try await withRedisClient(try await RedisServer.shared().url) { client in
            try await body(RedisRateLimitStore(client, own: FailingStore()) { $0 }, RedisServer.newKey("limit"))
        }
    }
}

/// Counts nowhere: Redis is there.
private struct FailingStore: RateLimitStore {
    func hit(_ key: String, rule: RateLimitRule) async throws -> RateLimitState {
        throw InternalFailure("Redis was not asked")
    }
}
