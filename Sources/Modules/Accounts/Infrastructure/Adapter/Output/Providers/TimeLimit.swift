import AccountsApplication
import Shared
import Synchronization

/// Ends a wait for a provider in time, whatever it waits for.
enum TimeLimit {
    /// - Throws: `ProviderFault.unavailable` when the time is over; what is still going on is cancelled.
    static func run<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws(ProviderFault) -> Value
    ) async throws(ProviderFault) -> Value {
        let first = First<Value>()
        let worker = Task {
            do throws(ProviderFault) {
                first.end(.success(try await work()))
            } catch {
                first.end(.failure(error))
            }
        }
        let timer = Task {
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            first.end(.failure(.unavailable(retryAfter: nil)))
        }
        let result = await withTaskCancellationHandler {
            await first.result
        } onCancel: {
            first.end(.failure(.unavailable(retryAfter: nil)))
        }
        worker.cancel()
        timer.cancel()
        return try result.get()
    }

    /// The first of two results.
    private final class First<Value: Sendable>: Sendable {
        private struct State {
            var result: Result<Value, ProviderFault>?
            var waiting: CheckedContinuation<Result<Value, ProviderFault>, Never>?
        }

        private let state = Mutex(State())

        var result: Result<Value, ProviderFault> {
            get async {
                await withCheckedContinuation { continuation in
                    let result = state.withLock { state in
                        if state.result == nil { state.waiting = continuation }
                        return state.result
                    }
                    if let result { continuation.resume(returning: result) }
                }
            }
        }

        func end(_ result: Result<Value, ProviderFault>) {
            let waiting = state.withLock { state in
                guard state.result == nil else {
                    return nil as CheckedContinuation<Result<Value, ProviderFault>, Never>?
                }
                state.result = result
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: result)
        }
    }
}
