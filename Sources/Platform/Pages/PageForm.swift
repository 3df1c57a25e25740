import HTTP
import JSON
import Shared

/// A form as it was sent, to be shown again with what is wrong in it. Nothing is in one that was not sent.
package struct PageForm: Error, Sendable {
    package struct Fault: Sendable, Equatable {
        /// Empty for the form as a whole.
        package let field: String
        /// A key of the page's words, or of the common ones.
        package let word: String

        package init(_ field: String, _ word: String) {
            self.field = field
            self.word = word
        }
    }

    /// What was typed, by field.
    package let texts: [String: String]
    package private(set) var errors: [Fault] = []
    package private(set) var status = 200
    /// Fields of the answer, such as `Retry-After`.
    package private(set) var headers: [(String, String)] = []
    /// What words about the errors need.
    package private(set) var values: [String: String] = [:]

    package static let empty = PageForm([:])

    package init(_ texts: [String: String]) { self.texts = texts }

    /// The same with a mistake in it.
    ///
    /// - Parameters:
    ///   - field: empty for the form as a whole.
    ///   - word: `word` or `error_word` of the page or of the common ones.
    package func with(
        _ word: String, at field: String = "", status: Int = 422, values: [String: String] = [:]
    ) -> PageForm {
        var copy = self
        copy.errors.append(Fault(field, word))
        copy.status = status
        copy.values.merge(values) { $1 }
        return copy
    }

    /// The same with a problem in the place of the form's own words.
    package func with(_ problem: Problem, at field: String = "", values: [String: String] = [:]) -> PageForm {
        var copy = with(problem.kind.code, at: field, status: problem.kind.status, values: values)
        copy.headers += problem.headers
        return copy
    }

    func with(status: Int, headers: [(String, String)]) -> PageForm {
        var copy = self
        copy.status = status
        copy.headers = headers
        return copy
    }

    /// The same with every bad field of an input.
    func with(_ errors: [FieldError], words: [String: String]) -> PageForm {
        var copy = self
        copy.status = 422
        for error in errors {
            let isMissing = error.message == "is missing" || texts[error.field]?.isEmpty == true
            copy.errors.append(
                Fault(error.field, isMissing ? "missing" : words[error.message] ?? "invalid"))
        }
        return copy
    }
}

extension Fields {
    /// The hidden token of every form of a page; the frame looks at it.
    package mutating func formToken() { _ = optional(FormGuard.field, .opaque(max: 100)) }
}

extension FieldType {
    /// For a field of a form that may stay empty.
    package static func orEmpty<Wrapped>(_ type: FieldType<Wrapped>) -> FieldType where Value == Wrapped? {
        FieldType(schema: type.schema.withoutMinimum, placeholder: nil, ofText: type.ofText) { value in
            value == .string("") ? .success(nil) : type.read(value).map { .some($0) }
        }
    }
}

extension JSONObject {
    /// Of a text that may be empty.
    fileprivate var withoutMinimum: JSONObject {
        JSONObject(members.filter { $0.key != "minLength" && $0.key != "pattern" }.map { ($0.key, $0.value) })
    }
}
