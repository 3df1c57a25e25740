import Cache
import Commands
import Crypto
import Redis
import Shared
import Telemetry

/// What all processes over one Redis share.
struct SharedCounters: Sendable {
    let client: RedisClient
    let rateLimits: any RateLimitStore
    let signals: RedisSignals

    /// Starts to connect; nobody waits for it.
    ///
    /// - Throws: `CommandFailure` if the authorities that the URL names cannot be read.
    init(_ url: RedisURL, masterKey: MasterKey, metrics: Metrics, logger: Logger) throws {
        let mark = HMACKey(masterKey.derive("redis-signals")).authenticate("installation".utf8).prefix(6)
        signals = RedisSignals(
            channel: "gapura:\(Hex.encode(mark))", mark: Hex.encode(SystemRandomSource().bytes(8)))
        do {
            client = try RedisClient(url, subscriptions: [signals.subscription], logger: logger)
        } catch let failure as Unavailable {
            throw failure
        } catch {
            throw CommandFailure(code: .configuration, message: "REDIS_URL: \(error)")
        }
        signals.use(client)
        let names = HMACKey(masterKey.derive("redis-rate-limits"))
        rateLimits = RedisRateLimitStore(
            client, own: InMemoryRateLimitStore(clock: SystemMonotonicClock()),
            name: { Hex.encode(names.authenticate($0.utf8).prefix(16)) })
        metrics.gauge("redis_connected", help: "1 while there is a connection to Redis.") { [client] in
            client.status.isConnected ? 1 : 0
        }
        metrics.counter("redis_connections_total", help: "Connections to Redis that were made.") { [client] in
            Double(client.status.connections)
        }
    }

    /// For `/health/ready`.
    var health: String { client.status.isConnected ? "ok" : "unreachable" }
}
