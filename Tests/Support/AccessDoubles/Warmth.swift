import Testing

/// Whether memory knows what the store knows, so that a decision is made at once.
package enum Warmth {
    @TaskLocal package static var isWarm = false
}

/// Runs every test twice: when memory knows nothing and everything waits for the store, and when it knows everything.
package struct ColdAndWarm: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        for isWarm in [false, true] { try await Warmth.$isWarm.withValue(isWarm) { try await function() } }
    }
}

extension Trait where Self == ColdAndWarm {
    package static var coldAndWarm: Self { ColdAndWarm() }
}
