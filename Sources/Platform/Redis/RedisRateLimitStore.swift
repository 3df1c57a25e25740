import Cache
import Shared

/// Counters of all processes over one Redis: a window begins with its first attempt and has the server's time.
///
/// While Redis is away, and for an attempt of which nobody knows whether it was counted, this process counts by itself.
package final class RedisRateLimitStore: RateLimitStore {
    /// A sign-in has more to wait for than this.
    private static let timeout = Duration.milliseconds(250)

    private static let script = RedisScript(
        """
        local used = tonumber(redis.call('GET', KEYS[1]) or '0')
        local left = redis.call('PTTL', KEYS[1])
        local quota, window = tonumber(ARGV[1]), tonumber(ARGV[2])
        if left < 0 then
            used, left = 0, window
        end
        if used >= quota then
            return {0, used, left}
        end
        if used == 0 then
            redis.call('SET', KEYS[1], 1, 'PX', left)
        else
            redis.call('INCR', KEYS[1])
        end
        return {1, used + 1, left}
        """)

    private let client: RedisClient
    private let own: any RateLimitStore
    private let name: @Sendable (String) -> String

    /// - Parameters:
    ///   - own: counts while Redis is away.
    ///   - name: of a key in Redis, where others may read it: one that tells nothing of the person or network.
    package init(_ client: RedisClient, own: any RateLimitStore, name: @escaping @Sendable (String) -> String) {
        self.client = client
        self.own = own
        self.name = name
    }

    package func hit(_ key: String, rule: RateLimitRule) async throws -> RateLimitState {
        do {
            let answer = try await client.run(
                Self.script, keys: [.text("r:\(name(key))")],
                [RedisCommand.Argument(rule.quota), RedisCommand.Argument(rule.window.wholeMilliseconds)],
                within: max(Self.timeout, client.timeout ?? .zero))
            guard let state = Self.state(answer, rule) else {
                throw RedisFailure(.refused, "the script answered something else")
            }
            return state
        } catch let failure as RedisFailure where failure.kind != .refused {
            return try await own.hit(key, rule: rule)
        }
    }

    private static func state(_ answer: RedisValue, _ rule: RateLimitRule) -> RateLimitState? {
        guard let parts = answer.array, parts.count == 3, let isAllowed = parts[0].integer,
            let used = parts[1].integer, let left = parts[2].integer
        else { return nil }
        return RateLimitState(
            isAllowed: isAllowed == 1, remaining: max(0, rule.quota - Int(used)), resetsIn: .milliseconds(max(1, left)))
    }
}
