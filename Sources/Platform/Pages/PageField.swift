import Templates

/// One field of a form, as `pages/field.html.mustache` shows it. Its label is the word `<name>_label`, its hint, if it
/// has one, `<name>_hint`.
package struct PageField: Sendable {
    package enum Kind: Sendable {
        case email
        /// A password that the account has.
        case currentPassword
        /// A password that is chosen here.
        case newPassword
        /// Digits that were mailed or that a device shows.
        case code
        case text
    }

    package let name: String
    package let kind: Kind
    /// For the browser to fill the field in (HTML § 4.10.18.7), if the kind says nothing better.
    package let autocomplete: String
    package let isRequired: Bool
    /// Whether it is shown and sent, and cannot be changed.
    package let isReadOnly: Bool
    /// The field at which the reader begins, if nothing is wrong.
    package let hasFocus: Bool
    package let lengthMax: Int
    /// What stands in it; never for a password.
    package let value: String?

    package init(
        _ name: String, _ kind: Kind, autocomplete: String? = nil, isRequired: Bool = true, isReadOnly: Bool = false,
        hasFocus: Bool = false, lengthMax: Int = 320, value: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.autocomplete = autocomplete ?? kind.autocomplete
        self.isRequired = isRequired
        self.isReadOnly = isReadOnly
        self.hasFocus = hasFocus
        self.lengthMax = kind == .code ? 32 : lengthMax
        self.value = value
    }

    /// - Parameters:
    ///   - words: of the page, in the reader's language.
    ///   - form: what was sent, if the form comes back.
    func values(_ words: [String: String], _ form: PageForm) -> TemplateValues {
        let error = form.errors.first { $0.field == name }.flatMap { words["error_\($0.word)"] ?? words[$0.word] }
        let hint = words["\(name)_hint"]
        let described = (hint == nil ? [] : ["\(name)-hint"]) + (error == nil ? [] : ["\(name)-error"])
        return [
            "name": .text(name), "label": .text(words["\(name)_label"] ?? name), "type": .text(kind.type),
            "autocomplete": .text(autocomplete), "inputmode": .text(kind == .code ? "numeric" : ""),
            "value": .text(kind.isSecret ? "" : form.texts[name] ?? value ?? ""), "length_max": .text("\(lengthMax)"),
            "hint": .text(hint ?? ""), "error": .text(error ?? ""),
            "described_by": .text(described.joined(separator: " ")),
            "is_required": .flag(isRequired), "is_read_only": .flag(isReadOnly),
            "has_focus": .flag(hasFocus && form.errors.isEmpty), "is_code": .flag(kind == .code),
            "is_optional": .flag(!isRequired),
        ]
    }
}

extension PageField.Kind {
    fileprivate var type: String {
        switch self {
        case .email: "email"
        case .currentPassword, .newPassword: "password"
        case .code, .text: "text"
        }
    }

    fileprivate var autocomplete: String {
        switch self {
        case .email: "username"
        case .currentPassword: "current-password"
        case .newPassword: "new-password"
        case .code: "one-time-code"
        case .text: "off"
        }
    }

    fileprivate var isSecret: Bool { self == .currentPassword || self == .newPassword || self == .code }
}
