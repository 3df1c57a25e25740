/// What a template is filled with.
package struct TemplateValues: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        /// Printed by `{{name}}`; as a section, false if empty.
        case text(String)
        /// For `{{#name}}` and `{{^name}}`.
        case flag(Bool)
        /// For `{{#name}}`, once for each.
        case list([TemplateValues])
        /// For `{{#name}}` and `{{name.member}}`.
        case nested(TemplateValues)
    }

    package private(set) var members: [String: Value]

    package init(_ members: [String: Value] = [:]) {
        self.members = members
    }

    package subscript(name: String) -> Value? {
        get { members[name] }
        set { members[name] = newValue }
    }
}

extension TemplateValues: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension TemplateValues.Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}
