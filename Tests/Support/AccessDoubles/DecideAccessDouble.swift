import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization
import Testing

/// Answers what a test plans, in order, and remembers what it was asked.
package final class DecideAccessDouble: DecideAccess {
    private struct State {
        var questions: [AccessQuestion] = []
        var answers: [AccessAnswer] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var questions: [AccessQuestion] { state.withLock { $0.questions } }

    package func plan(_ answer: AccessAnswer) { state.withLock { $0.answers.append(answer) } }

    package var canRecall: Bool { true }

    package func recall(_ question: AccessQuestion) -> AccessAnswer? {
        state.withLock { state in
            guard CacheLevel.current == .counters, !state.answers.isEmpty else { return nil }
            state.questions.append(question)
            return state.answers.removeFirst()
        }
    }

    package func callAsFunction(_ question: AccessQuestion) async throws -> AccessAnswer {
        let answer = state.withLock { state in
            state.questions.append(question)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        return try #require(answer, "the test did not plan this decision")
    }
}
