import AccountsContract
import HTTP
import Shared
import Templates

/// What is wrong with the fields of a form, as its page says it in the reader's language.
struct FormErrors: Sendable {
    private let errors: [FieldError]

    init(_ errors: [FieldError]) { self.errors = errors }

    /// The values of `{{> password_field}}`.
    var password: TemplateValues.Value {
        guard let message = message("password") else { return .flag(false) }
        func isOf(_ weakness: PasswordWeakness) -> TemplateValues.Value { .flag(message == weakness.message.text) }
        let known: [PasswordWeakness] = [.tooShort, .tooLong, .sameAsAddress, .common]
        let isKnown = known.contains { message == $0.message.text }
        return .nested([
            "too_short": isOf(.tooShort), "too_long": isOf(.tooLong), "same_as_address": isOf(.sameAsAddress),
            "common": isOf(.common), "missing": .flag(!isKnown),
        ])
    }

    var email: TemplateValues.Value {
        guard let message = message("email") else { return .flag(false) }
        let isMissing = message == "is missing"
        return .nested(["missing": .flag(isMissing), "invalid": .flag(!isMissing)])
    }

    private func message(_ field: String) -> String? { errors.first { $0.field == field }?.message }
}

extension Request {
    /// The body of a form, or what is wrong with its fields, so that the form can be shown again; a program's is refused.
    ///
    /// - Throws: a problem for everything else that is wrong.
    func readForm<Body: Input>(_ body: Body.Type) throws(Problem) -> Result<Body, InvalidForm> {
        do throws(Problem) {
            return .success(try read(body, formats: [.json, .form]))
        } catch {
            guard wantsPage, error.kind == .validationFailed,
                let given = try? read(GivenForm.self, formats: [.form])
            else { throw error }
            return .failure(InvalidForm(token: given.token, email: given.email, errors: FormErrors(error.fieldErrors)))
        }
    }
}

/// A form that is shown again with what was wrong.
struct InvalidForm: Error {
    let token: String
    /// As it was typed.
    let email: String
    let errors: FormErrors
}

/// What of a form is shown again. A password is not.
private struct GivenForm: LenientInput {
    let token: String
    let email: String

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        email = fields.optional("email", .opaque(max: 400)) ?? ""
    }
}
