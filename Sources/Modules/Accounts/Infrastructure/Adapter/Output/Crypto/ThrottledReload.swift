import Shared
import Synchronization

/// Runs a reload at most once in an interval. Who asks for one while it runs waits for it, so that of many who need
/// the same news nobody goes without.
final class ThrottledReload: Sendable {
    private struct State {
        var last: Timestamp
        var isRunning = false
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private enum Turn {
        case run, wait, tooSoon
    }

    private let interval: Duration
    private let state: Mutex<State>

    /// - Parameter last: when it was loaded.
    init(interval: Duration, last: Timestamp) {
        self.interval = interval
        state = Mutex(State(last: last))
    }

    /// - Returns: false if the last one began too short a time ago.
    /// - Throws: what the reload throws, to everybody who waited for it.
    func callAsFunction(at now: Timestamp, _ reload: () async throws -> Void) async throws -> Bool {
        switch takeTurn(at: now) {
        case .tooSoon:
            return false
        case .wait:
            try await withCheckedThrowingContinuation { join($0) }
            return true
        case .run:
            do {
                try await reload()
            } catch {
                finish(.failure(error))
                throw error
            }
            finish(.success(()))
            return true
        }
    }

    private func takeTurn(at now: Timestamp) -> Turn {
        state.withLock { state in
            if state.isRunning { return .wait }
            guard now - state.last >= interval || state.last.isAhead(of: now) else { return .tooSoon }
            state.last = now
            state.isRunning = true
            return .run
        }
    }

    private func join(_ continuation: CheckedContinuation<Void, any Error>) {
        let isOver = state.withLock { state in
            if state.isRunning { state.waiting.append(continuation) }
            return !state.isRunning
        }
        if isOver { continuation.resume() }
    }

    private func finish(_ result: Result<Void, any Error>) {
        let waiting = state.withLock { state in
            state.isRunning = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
