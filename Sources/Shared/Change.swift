/// What a partial update does with one value.
package enum Change<Value: Sendable>: Sendable {
    case keep
    case clear
    case set(Value)

    package func applied(to value: Value?) -> Value? {
        switch self {
        case .keep: value
        case .clear: nil
        case .set(let new): new
        }
    }
}
