/// What memory tells without asking anybody, and so without waiting.
///
/// Each is made where its type is known: an initializer in here would be called as generic code from other modules,
/// which looks types up at run time, 600 instructions for every one.
package enum MemoryLookup<Value: Sendable>: Sendable {
    case known(Value)
    /// It knows that there is none.
    case absent
    /// The store has to be asked.
    case unknown
}

extension MemoryLookup: Equatable where Value: Equatable {}
