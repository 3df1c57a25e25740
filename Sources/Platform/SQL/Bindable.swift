import Shared

/// What can be interpolated into a `Statement`, as an optional too, and becomes a bound parameter.
package protocol Bindable {
    static var sqlType: SQLType { get }
    var sqlValue: SQLValue { get }
}

extension String: Bindable {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(self) }
}

extension Int: Bindable {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Int64: Bindable {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(self) }
}

extension Double: Bindable {
    package static var sqlType: SQLType { .number }
    package var sqlValue: SQLValue { .number(self) }
}

extension Bool: Bindable {
    package static var sqlType: SQLType { .boolean }
    package var sqlValue: SQLValue { .boolean(self) }
}

extension [UInt8]: Bindable {
    package static var sqlType: SQLType { .bytes }
    package var sqlValue: SQLValue { .bytes(self) }
}

extension Identifier: Bindable {
    package static var sqlType: SQLType { .identifier }
    package var sqlValue: SQLValue { .identifier(self) }
}

extension Timestamp: Bindable {
    package static var sqlType: SQLType { .timestamp }
    package var sqlValue: SQLValue { .timestamp(self) }
}

/// A JSON document as text; not checked here.
package struct JSONText: Bindable, Sendable, Equatable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static var sqlType: SQLType { .json }
    package var sqlValue: SQLValue { .json(text) }
}
