import Shared

/// One __words__.
package struct __Entity__ID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}
