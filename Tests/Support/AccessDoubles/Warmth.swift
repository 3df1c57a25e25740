import Testing

/// What memory knows of what the store knows; each step includes those before it. Only at the last is a decision made at
/// once.
package enum Warmth: Int, Comparable, CaseIterable, Sendable {
    case nothing
    /// That it hears of changes.
    case fresh
    case credentials
    case people
    case counters

    @TaskLocal package static var current = Warmth.nothing

    package static func < (left: Warmth, right: Warmth) -> Bool { left.rawValue < right.rawValue }
}

/// Runs every test with each warmth, from a memory that knows nothing to one that knows everything.
package struct EachWarmth: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        for warmth in Warmth.allCases {
            try await Warmth.$current.withValue(warmth) { try await function() }
        }
    }
}

extension Trait where Self == EachWarmth {
    package static var eachWarmth: Self { EachWarmth() }
}
