/// Why a template cannot be read or filled: a defect of the template or of its caller, never of a user's input.
package struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// Not well-formed Mustache; where and why.
        case malformed(String)
        /// A tag that prints without escaping or changes the delimiters.
        case forbiddenTag(String)
        /// A partial that nobody passed.
        case unknownPartial(String)
        /// Partials that include each other without end.
        case nestedTooDeeply
        /// The names that the template uses and the values lack, separated by commas.
        case missing(String)
        case outOfMemory
    }

    /// The name that the template was given.
    package let template: String
    package let reason: Reason

    package init(template: String, reason: Reason) {
        self.template = template
        self.reason = reason
    }

    package var description: String {
        let text =
            switch reason {
            case .malformed(let detail): detail
            case .forbiddenTag(let tag): "the tag \(tag) is not allowed"
            case .unknownPartial(let name): "there is no partial \(name)"
            case .nestedTooDeeply: "its partials are nested too deeply"
            case .missing(let names): "no value for \(names)"
            case .outOfMemory: "memory is out"
            }
        return "template \(template): \(text)"
    }
}
