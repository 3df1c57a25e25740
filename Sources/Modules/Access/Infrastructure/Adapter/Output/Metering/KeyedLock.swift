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
        defer { busy.withLock { $0.removeValue(forKey: key) }?.open() }
        return try await body()
    }

    /// - Returns: nil if the way was free; else what opens when it is.
    private func enter(_ key: Key) -> Latch? {
        busy.withLock { busy in
            if let ahead = busy[key] { return ahead }
            busy[key] = Latch()
            return nil
        }
    }
}
