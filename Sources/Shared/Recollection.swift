/// What memory tells without asking anybody, and so without waiting.
package enum Recollection<Value: Sendable>: Sendable {
    /// It knows; nil: that there is none.
    case known(Value?)
    /// The store has to be asked.
    case unknown
}

extension Recollection: Equatable where Value: Equatable {}
