/// Answers of routes that must not tell whether an address has an account. With one there is more to do, so the answer
/// waits for the next of moments that are evenly apart: how long it took says nothing either.
enum EvenTiming {
    /// Longer than the work of such a route takes on an idle machine; a busy one hides the difference by itself.
    static let step: Duration = .milliseconds(50)

    /// - Throws: what the work throws, at once: a failure is the same for everybody.
    static func run<Value>(_ work: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        let value = try await work()
        // Whose client has gone need not wait.
        try? await Task.sleep(until: start + rest(after: ContinuousClock.now - start), clock: .continuous)
        return value
    }

    /// The first moment at which an answer may go that is ready after so long.
    static func rest(after elapsed: Duration) -> Duration {
        let steps = elapsed / step
        return step * Int(steps.rounded(.up))
    }
}
