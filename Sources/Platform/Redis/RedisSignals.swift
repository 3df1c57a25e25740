import Lifecycle
import Shared
import Synchronization

/// Signals between processes over one channel of Redis: a message is the sender's mark and a topic.
package final class RedisSignals: ProcessSignals {
    private struct State {
        var handlers: [String: [@Sendable () -> Void]] = [:]
        var waiting: Set<String> = []
        var isRunning = false
        var client: RedisClient?
    }

    /// At most one message of a topic in so long, but the first goes out at once.
    private static let interval: Duration = .milliseconds(10)

    private let channel: String
    private let mark: String
    private let state = Mutex(State())
    private let wakeup = Wakeup()

    /// - Parameter mark: of this process.
    package init(channel: String, mark: String) {
        self.channel = channel
        self.mark = mark
    }

    /// What the client is made with.
    package var subscription: RedisClient.Subscription {
        RedisClient.Subscription(channel) { [weak self] message in self?.heard(message) }
    }

    package func use(_ client: RedisClient) { state.withLock { $0.client = client } }

    package func announce(_ topic: String) {
        let alone = state.withLock { state -> RedisClient? in
            guard state.isRunning else { return state.client }
            state.waiting.insert(topic)
            return nil
        }
        // A command that is over in a moment has no service that would send it.
        if let alone { publish([topic], alone) } else { wakeup.signal() }
    }

    package func listen(to topic: String, _ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.handlers[topic, default: []].append(handler) }
    }

    /// After the client in the order of starting.
    package func service(_ logger: Logger) -> any Service {
        state.withLock { $0.isRunning = true }
        return PollingService("redis-signals", wakeup: wakeup, interval: .seconds(60), logger: logger) { [self] in
            let (topics, client) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.client)
            }
            guard let client, !topics.isEmpty else { return 0 }
            publish(topics.sorted(), client)
            try? await Task.sleep(for: Self.interval)
            return 0
        }
    }

    private func publish(_ topics: [String], _ client: RedisClient) {
        client.post(topics.map { RedisCommand("PUBLISH", .text(channel), .text("\(mark) \($0)")) })
    }

    /// - Parameter message: nil if something may have been missed.
    private func heard(_ message: [UInt8]?) {
        let parts = message.map { String(decoding: $0, as: UTF8.self).split(separator: " ", maxSplits: 1) }
        if let parts, parts.count != 2 || parts[0] == mark { return }
        let handlers = state.withLock { state in
            parts.map { state.handlers[String($0[1])] ?? [] } ?? state.handlers.values.flatMap { $0 }
        }
        for handler in handlers { handler() }
    }
}
