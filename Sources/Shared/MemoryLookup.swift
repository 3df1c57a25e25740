/// What memory tells without asking anybody, and so without waiting.
package enum MemoryLookup<Value: Sendable>: Sendable {
    case known(Value)
    /// It knows that there is none.
    case absent
    /// The store has to be asked.
    case unknown

    /// Inlined, because every decision makes some: as a generic call it looks up types at run time and copies twice.
    ///
    /// - Parameter value: as memory has it; nil if it knows that there is none.
    @inlinable
    package init(_ value: Value?) {
        if let value { self = .known(value) } else { self = .absent }
    }
}

extension MemoryLookup: Equatable where Value: Equatable {}
