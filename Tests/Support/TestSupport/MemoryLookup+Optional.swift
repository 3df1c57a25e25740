import Shared

extension MemoryLookup {
    /// - Parameter value: as a double has it; nil if it knows that there is none.
    package init(_ value: Value?) {
        if let value { self = .known(value) } else { self = .absent }
    }
}
