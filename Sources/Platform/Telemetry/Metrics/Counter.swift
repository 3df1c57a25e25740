import Synchronization

/// A number that only grows. Recording is one atomic addition.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    package func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}
