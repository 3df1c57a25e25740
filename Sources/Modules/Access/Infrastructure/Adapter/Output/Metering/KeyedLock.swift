import Lifecycle
import Synchronization

/// Lets one task at a time through for each key; different keys do not wait for each other.
final class KeyedLock<Key: Hashable & Sendable>: Sendable {
    private let busy = Mutex<[Key: Latch]>([:])

    /// - Throws: what `body` throws; `CancellationError` if the task was cancelled while it waited.
    func alone<T>(_ key: Key, _ body: () async throws -> T) async throws -> T {
        while let ahead = enter(key) {
            await ahead.wait()
            try Task.checkCancellation()
        }
        defer { leave(key) }
        return try await body()
    }

    func leave(_ key: Key) { busy.withLock { $0.removeValue(forKey: key) }?.open() }

    /// - Returns: nil if the way was free, and is taken now until `leave`; else what opens when it is.
    func enter(_ key: Key) -> Latch? {
        busy.withLock { busy in
            if let ahead = busy[key] { return ahead }
            busy[key] = Latch()
            return nil
        }
    }
}
