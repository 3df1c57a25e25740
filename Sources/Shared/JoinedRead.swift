import Synchronization

/// One read for all who ask for it at the same time. Nobody gets what was read before he asked: whoever comes while a
/// read runs waits for the next.
package final class JoinedRead<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value, any Error>

    private struct State {
        var isReading = false
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    private let read: @Sendable () async throws -> Value

    /// - Parameter read: called for one round of askers after the other, never twice at once. It is not cancelled when
    ///   an asker is, since others may wait for it.
    package init(_ read: @escaping @Sendable () async throws -> Value) {
        self.read = read
    }

    /// What is read from now on.
    ///
    /// - Throws: what the read throws, to all who waited for it.
    package func callAsFunction() async throws -> Value {
        try await withCheckedThrowingContinuation { waiter in
            let begins = state.withLock { state in
                state.waiting.append(waiter)
                defer { state.isReading = true }
                return !state.isReading
            }
            if begins { Task { await self.work() } }
        }
    }

    private func work() async {
        while let round = nextRound() {
            let result: Result<Value, any Error>
            do { result = .success(try await read()) } catch { result = .failure(error) }
            for waiter in round { waiter.resume(with: result) }
        }
    }

    /// Nil, and no longer reading, if nobody waits.
    private func nextRound() -> [Waiter]? {
        state.withLock { state in
            defer { state.waiting = [] }
            if state.waiting.isEmpty { state.isReading = false }
            return state.waiting.isEmpty ? nil : state.waiting
        }
    }
}
