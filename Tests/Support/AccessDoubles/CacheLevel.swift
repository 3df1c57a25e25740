import Testing

/// What memory knows of what the store knows; each step includes those before it. Only at the last is a decision made at
/// once.
package enum CacheLevel: Int, Comparable, CaseIterable, Sendable {
    case nothing
    /// That it hears of changes.
    case fresh
    case credentials
    case people
    case counters

    @TaskLocal package static var current = CacheLevel.nothing

    package static func < (left: CacheLevel, right: CacheLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Runs every test with each level of the cache, from a memory that knows nothing to one that knows everything.
package struct EachCacheLevel: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        for level in CacheLevel.allCases {
            try await CacheLevel.$current.withValue(level) { try await function() }
        }
    }
}

extension Trait where Self == EachCacheLevel {
    package static var eachCacheLevel: Self { EachCacheLevel() }
}
