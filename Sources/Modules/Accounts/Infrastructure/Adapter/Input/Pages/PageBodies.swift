import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import JSON
import Pages
import Shared

/// The query of the pages of signing in.
struct ReturnQuery: LenientInput {
    let returnTo: String?

    init(_ fields: inout Fields) {
        returnTo = fields.optional("return_to", .returnTarget)
    }
}

/// Of a page that reads none: what campaigns and mail programs append is passed over.
struct PlainQuery: LenientInput {
    init(_ fields: inout Fields) {}
}

struct SignInForm: LenientInput {
    let email: EmailAddress
    let password: Secret<String>
    let returnTo: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        email = fields.required("email", .email)
        password = fields.required("password", .givenPassword)
        returnTo = fields.optional("return_to", .orEmpty(.returnTarget)) ?? nil
    }
}

struct CodeForm: LenientInput {
    let email: EmailAddress
    let code: Secret<String>
    let returnTo: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        email = fields.required("email", .email)
        code = fields.required("code", .mailedCode)
        returnTo = fields.optional("return_to", .orEmpty(.returnTarget)) ?? nil
    }
}

/// The address alone, to which something is mailed. Of the sign-in form only the address counts here.
struct AddressForm: LenientInput {
    let email: EmailAddress
    let returnTo: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        email = fields.required("email", .email)
        returnTo = fields.optional("return_to", .orEmpty(.returnTarget)) ?? nil
    }
}

struct SignUpForm: LenientInput {
    let email: EmailAddress
    let password: Password
    let firstName: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        email = fields.required("email", .email)
        password = fields.required("password", .newPassword(for: email))
        firstName = fields.optional("first_name", .orEmpty(.name(UserFieldLimits.name))) ?? nil
    }
}

/// A form with a button and nothing to fill in.
struct ButtonForm: Input {
    init(_ fields: inout Fields) { fields.formToken() }
}

struct ProfileForm: Input {
    let changes: ProfileChanges

    init(_ fields: inout Fields) {
        fields.formToken()
        let firstName = fields.optional("first_name", .orEmpty(.name(UserFieldLimits.name)))
        let lastName = fields.optional("last_name", .orEmpty(.name(UserFieldLimits.name)))
        let username = fields.optional("username", .orEmpty(.name(UserFieldLimits.username)))
        changes = ProfileChanges(
            username: Self.change(username), firstName: Self.change(firstName), lastName: Self.change(lastName),
            locale: fields.optional("locale", .choice(Languages.supported)))
    }

    /// What is not sent stays, what is empty goes.
    private static func change(_ value: String??) -> Change<String> {
        guard let value else { return .keep }
        return value.map { .set($0) } ?? .clear
    }
}

struct PasswordForm: Input {
    let password: Secret<String>?
    let code: Secret<String>?
    let new: Password

    init(_ fields: inout Fields) {
        fields.formToken()
        _ = fields.optional("username", .opaque(max: 400))
        password = fields.optional("current_password", .givenPassword)
        code = fields.optional("code", .mailedCode)
        fields.needsOne(of: "current_password", "code")
        new = fields.required("new_password", .newPassword(for: nil))
    }

    var proof: ConfirmationProof { password.map { .password($0) } ?? .code(code ?? Secret("")) }
}

struct EmailForm: Input {
    let email: EmailAddress
    let password: Secret<String>?
    let code: Secret<String>?

    init(_ fields: inout Fields) {
        fields.formToken()
        email = fields.required("new_email", .email)
        password = fields.optional("email_password", .givenPassword)
        code = fields.optional("email_code", .mailedCode)
        fields.needsOne(of: "email_password", "email_code")
    }

    var proof: ConfirmationProof { password.map { .password($0) } ?? .code(code ?? Secret("")) }
}

struct StepUpForm: Input {
    let password: Secret<String>?
    let code: Secret<String>?
    private let factorCode: String?
    let returnTo: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        _ = fields.optional("username", .opaque(max: 400))
        returnTo = fields.optional("return_to", .orEmpty(.returnTarget)) ?? nil
        password = fields.optional("password", .givenPassword)
        code = fields.optional("code", .mailedCode)
        factorCode = fields.optional("factor_code", .opaque(max: 40))
        fields.needsOne(of: "password", "code", "factor_code")
    }

    /// Nil for what cannot be a code of a second factor, and so is no guess.
    var proof: StepUpProof? {
        if let factorCode { return SecondFactorProof(page: factorCode).map { .secondFactor($0) } }
        return .confirmation(password.map { .password($0) } ?? .code(code ?? Secret("")))
    }
}

/// The second step of a sign-in.
struct SecondStepForm: LenientInput {
    private let factorCode: String

    init(_ fields: inout Fields) {
        fields.formToken()
        factorCode = fields.required("factor_code", .opaque(max: 40))
    }

    /// Nil for what cannot be a code, and so is no guess.
    var proof: SecondFactorProof? { SecondFactorProof(page: factorCode) }
}

extension SecondFactorProof {
    /// What people type into the one field of a page: six digits of their app, else a recovery code.
    fileprivate init?(page text: String) {
        guard let proof = SecondFactorProof(.totp, text: text) ?? SecondFactorProof(.recoveryCode, text: text) else {
            return nil
        }
        self = proof
    }
}

/// A form with a button that keeps where the browser goes then.
struct ReturnForm: Input {
    let returnTo: String?

    init(_ fields: inout Fields) {
        fields.formToken()
        returnTo = fields.optional("return_to", .orEmpty(.returnTarget)) ?? nil
    }
}

/// The password or a code, under the names of one of the forms of a page.
protocol ProofForm: Input {
    static var name: String { get }
    var password: Secret<String>? { get }
    var code: Secret<String>? { get }
}

extension ProofForm {
    var proof: ConfirmationProof { password.map { .password($0) } ?? .code(code ?? Secret("")) }
}

struct DeactivateForm: ProofForm {
    static let name = "pause"
    let password: Secret<String>?
    let code: Secret<String>?

    init(_ fields: inout Fields) {
        fields.formToken()
        password = fields.optional("pause_password", .givenPassword)
        code = fields.optional("pause_code", .mailedCode)
        fields.needsOne(of: "pause_password", "pause_code")
    }
}

struct EraseForm: ProofForm {
    static let name = "erase"
    let password: Secret<String>?
    let code: Secret<String>?

    init(_ fields: inout Fields) {
        fields.formToken()
        password = fields.optional("erase_password", .givenPassword)
        code = fields.optional("erase_code", .mailedCode)
        fields.needsOne(of: "erase_password", "erase_code")
    }
}

struct EndSessionForm: Input {
    let id: SessionID

    init(_ fields: inout Fields) {
        fields.formToken()
        id = fields.required("id", .id)
    }
}

extension FieldType where Value == String {
    /// Where a browser goes afterwards; what it may be is decided by `ReturnTargets`.
    static var returnTarget: FieldType { .opaque(max: Pages.ReturnTargets.bytesMax) }
}
