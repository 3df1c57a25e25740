import Synchronization

/// A number that goes up and down: connections, entries, bytes. Recording is one atomic operation.
package final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    init() {}

    package func set(_ value: Int64) {
        current.store(value, ordering: .relaxed)
    }

    /// - Parameter amount: negative to go down.
    package func add(_ amount: Int64) {
        current.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int64 { current.load(ordering: .relaxed) }
}
