import HTTPClient
import Shared
import Synchronization

/// Other systems, as a test wants them: answers every request by a closure and remembers it.
package final class ScriptedHTTP: HTTPFetching {
    package typealias Answer = @Sendable (FetchRequest) async throws -> FetchResponse

    private struct State {
        var requests: [FetchRequest] = []
        var answer: Answer
    }

    private let state: Mutex<State>
    private let policy: EgressPolicy

    /// - Parameters:
    ///   - policy: decides over URLs; the default is production's.
    ///   - answer: without one, every request fails: no test plans it.
    package init(
        policy: EgressPolicy = EgressPolicy(),
        _ answer: @escaping Answer = { _ in throw FetchFailure(.unreachable, "no test planned this request") }
    ) {
        self.policy = policy
        state = Mutex(State(answer: answer))
    }

    package var requests: [FetchRequest] { state.withLock { $0.requests } }

    /// From now on.
    package func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    package func fetch(_ request: FetchRequest) async throws -> FetchResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answer
        }
        return try await answer(request)
    }

    package func refusal(of url: FetchURL) -> EgressPolicy.Refusal? { policy.refusal(of: url) }
}
