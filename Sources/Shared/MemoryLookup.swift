/// What memory tells without asking anybody, and so without waiting.
package enum MemoryLookup<Value: Sendable>: Sendable {
    case known(Value)
    /// It knows that there is none.
    case absent
    /// The store has to be asked.
    case unknown

    /// - Parameter value: as memory has it; nil if it knows that there is none.
    package init(_ value: Value?) {
        self = value.map { .known($0) } ?? .absent
    }
}

extension MemoryLookup: Equatable where Value: Equatable {}
