import EventLoop
import Shared
import Synchronization

/// How the connection to Redis is.
package struct RedisStatus: Sendable, Equatable {
    package var isConnected = false
    /// Why there is no connection; nil while there is one, and before the first try has ended.
    package var reason: String?
    /// How often a connection was made.
    package var connections = 0
    package var endpoint: Endpoint?
}

/// What the client's thread lets others know, and what it logs.
final class RedisBoard: Sendable {
    private struct State {
        var status = RedisStatus()
        var lostAt: ContinuousClock.Instant?
        var observers: [@Sendable (RedisStatus) -> Void] = []
    }

    private let state = Mutex(State())
    /// Whether commands are refused without asking the client's thread.
    private let refuses = Atomic(false)
    private let connections = Atomic(0)
    private let url: RedisURL
    private let logger: Logger

    init(_ url: RedisURL, _ logger: Logger) {
        self.url = url
        self.logger = logger
    }

    /// As `status` has it, without its lock.
    var connectionCount: Int { connections.load(ordering: .acquiring) }

    var status: RedisStatus { state.withLock { $0.status } }
    /// Whether no try has succeeded or failed yet.
    var isFirstTry: Bool { state.withLock { $0.status.connections == 0 && $0.status.reason == nil } }
    /// Why a command cannot be taken now; nil if it can.
    var refusal: String? { refuses.load(ordering: .acquiring) ? status.reason : nil }

    /// - Parameter observer: called on the client's thread at each change, and now.
    func observe(_ observer: @escaping @Sendable (RedisStatus) -> Void) {
        let status = state.withLock { state in
            state.observers.append(observer)
            return state.status
        }
        observer(status)
    }

    func becameReachable(_ endpoint: Endpoint) {
        let (outage, change) = state.withLock { state in
            defer { state.lostAt = nil }
            state.status.isConnected = true
            state.status.reason = nil
            state.status.connections += 1
            connections.store(state.status.connections, ordering: .releasing)
            state.status.endpoint = endpoint
            return (state.lostAt.map { ContinuousClock.now - $0 }, (state.status, state.observers))
        }
        refuses.store(false, ordering: .releasing)
        if let outage {
            logger.info(
                "Redis can be reached again",
                ["server": .text("\(endpoint)"), "outage_ms": .integer(outage.wholeMilliseconds)])
        }
        for observer in change.1 { observer(change.0) }
    }

    func becameUnreachable(_ reason: String) {
        let (isNews, change) = state.withLock { state in
            let isNews = state.status.reason != reason
            state.status.isConnected = false
            state.status.reason = reason
            state.status.endpoint = nil
            if state.lostAt == nil { state.lostAt = .now }
            return (isNews, (state.status, state.observers))
        }
        refuses.store(true, ordering: .releasing)
        guard isNews else { return }
        logger.error("Redis cannot be reached", ["redis": "\(url)", "reason": .text(reason)])
        for observer in change.1 { observer(change.0) }
    }
}
