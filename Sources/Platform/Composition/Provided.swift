import Shared
import Synchronization

/// What a module gives to those that come after it in the list of modules. It is named when the list is made, and there
/// once the module is open.
package final class Provided<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    package init() {}

    package func provide(_ value: Value) { self.value.withLock { $0 = value } }

    /// - Throws: `InternalFailure` if the module that provides it is not open yet.
    package func get() throws -> Value {
        guard let value = value.withLock({ $0 }) else {
            throw InternalFailure("\(Value.self) is used before the module that provides it is open")
        }
        return value
    }
}
