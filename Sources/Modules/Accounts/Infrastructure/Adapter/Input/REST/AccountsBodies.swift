import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import HTTP
import JSON
import Shared

struct RegisterBody: LenientInput {
    let email: EmailAddress
    let password: Password
    let username: String?
    let firstName: String?
    let lastName: String?
    let locale: String?

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        password = fields.required("password", .newPassword(for: email))
        username = fields.optional("username", .name(UserFieldLimits.username))
        firstName = fields.optional("first_name", .name(UserFieldLimits.name))
        lastName = fields.optional("last_name", .name(UserFieldLimits.name))
        locale = fields.optional("locale", .choice(Languages.supported))
    }
}

struct LoginBody: LenientInput {
    let email: EmailAddress
    let password: Secret<String>

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        password = fields.required("password", .givenPassword)
    }
}

struct EmailBody: LenientInput {
    let email: EmailAddress

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
    }
}

/// The token of a mailed link, from a body or a query.
struct LinkToken: LenientInput {
    let token: String

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
    }
}

/// The token of a verification link, in a query.
struct VerificationQuery: LenientInput {
    let token: String
    let isPreview: Bool

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        isPreview = fields.optional("preview", .choice(["1"])) != nil
    }
}

struct VerificationBody: LenientInput {
    let token: String
    /// In the place of the one that was registered with.
    let password: Password?

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        password = fields.optional("password", .newPassword(for: nil))
    }
}

struct ReactivationBody: LenientInput {
    let token: String
    /// Whether the account goes for good instead.
    let erases: Bool

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        erases = fields.optional("erase", .flag) ?? false
    }
}

struct LoginCodeBody: LenientInput {
    let email: EmailAddress
    let code: Secret<String>

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        code = fields.required("code", .mailedCode)
    }
}

struct NewPasswordBody: LenientInput {
    let token: String
    let password: Password

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        password = fields.required("password", .newPassword(for: nil))
    }
}

struct ChangePasswordBody: Input {
    let proof: ConfirmationProof
    let new: Password

    init(_ fields: inout Fields) {
        proof = fields.proof(password: "current_password")
        new = fields.required("new_password", .newPassword(for: nil))
    }
}

struct ChangeEmailBody: Input {
    let email: EmailAddress
    let proof: ConfirmationProof

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        proof = fields.proof(password: "password")
    }
}

struct ProfileBody: Input {
    let changes: ProfileChanges

    init(_ fields: inout Fields) {
        changes = ProfileChanges(
            username: fields.change("username", .name(UserFieldLimits.username)),
            firstName: fields.change("first_name", .name(UserFieldLimits.name)),
            lastName: fields.change("last_name", .name(UserFieldLimits.name)),
            image: fields.change("profile_img", .webAddress),
            locale: fields.optional("locale", .choice(Languages.supported)))
    }
}

/// For what needs more than a session: the erasure or deactivation of an account.
struct ConfirmationBody: Input {
    let proof: ConfirmationProof

    init(_ fields: inout Fields) {
        proof = fields.proof(password: "password")
    }
}

struct StepUpBody: Input {
    /// Nil if the code cannot be one of its method.
    let proof: StepUpProof?

    init(_ fields: inout Fields) {
        let password = fields.optional("password", .givenPassword)
        let code = fields.optional("code", .mailedCode)
        let secondFactor = fields.optional("mfa", FieldType<SecondFactorBody>.object)
        fields.needsOne(of: "password", "code", "mfa")
        if let secondFactor {
            proof = secondFactor.proof.map { .secondFactor($0) }
        } else {
            proof = .confirmation(password.map { .password($0) } ?? .code(code ?? Secret("")))
        }
    }
}

extension Fields {
    /// The password, or a mailed code: there are accounts without a password.
    fileprivate mutating func proof(password name: String) -> ConfirmationProof {
        let password = optional(name, .givenPassword)
        let code = optional("code", .mailedCode)
        needsOne(of: name, "code")
        return password.map { .password($0) } ?? .code(code ?? Secret(""))
    }
}

struct RefreshTokenBody: LenientInput {
    let refreshToken: Secret<String>?

    init(_ fields: inout Fields) {
        refreshToken = fields.optional("refresh_token", .opaque(max: 200)).map { Secret($0) }
    }
}

struct AcceptAdministratorBody: LenientInput {
    let token: String
    let email: EmailAddress?
    let password: Password

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: 200))
        email = fields.optional("email", .email)
        password = fields.required("password", .newPassword(for: email))
    }
}

extension FieldType where Value == Password {
    /// A password to set, brought into Unicode normal form C here.
    static func newPassword(for address: EmailAddress?) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "format": "password", "minLength": .integer(Int64(Password.lengths.lowerBound)),
                "maxLength": .integer(Int64(Password.lengths.upperBound)),
                "description": "Neither the e-mail address nor among the most common passwords, such as these",
                // What generators of test data try first, among them.
                "not": [
                    "enum": ["00000000", "000000000", "0000000000", "000000000000", "11111111", "12345678", "password"]
                ],
            ]
        }
        return FieldType(schema: schema(), placeholder: placeholderPassword) { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard let normalized = UnicodeNormalization.nfc(text) else { return .failure("must be valid text") }
            do throws(Password.Weakness) {
                let isCommon = CommonPasswords.shipped.contains
                return .success(try Password(normalized: normalized, for: address, isCommon: isCommon))
            } catch {
                return .failure(error.message)
            }
        }
    }

    private static var placeholderPassword: Password {
        guard let password = try? Password(normalized: "placeholder", for: nil, isCommon: { _ in false }) else {
            preconditionFailure("the placeholder keeps the rules of a password")
        }
        return password
    }
}

extension FieldType where Value == Secret<String> {
    /// A password to check: any text, so that the rules of old passwords do not matter; as it was typed, because a hash
    /// from elsewhere may be of that.
    static var givenPassword: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "format": "password", "minLength": 1, "maxLength": .integer(Int64(Password.bytesMax)),
            ]
        }
        return FieldType(schema: schema(), placeholder: Secret("")) { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard !text.isEmpty, text.unicodeScalars.count <= Password.bytesMax else {
                return .failure("must have 1 to \(Password.bytesMax) characters")
            }
            return .success(Secret(text))
        }
    }
}

extension FieldType where Value == Secret<String> {
    /// The six digits of a mailed code, however they were pasted: with spaces or hyphens among them, or as full-width or
    /// other digits. What cannot be a code is refused here, so that it is no guess.
    static var mailedCode: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "maxLength": 32, "pattern": "^[ -]*([0-9][ -]*){6}$", "examples": ["388123"],
            ]
        }
        return FieldType(schema: schema(), placeholder: Secret("")) { value in
            guard case .string(let text) = value, text.unicodeScalars.count <= 32 else {
                return .failure("must be the six digits of the mail")
            }
            var digits = ""
            for scalar in text.unicodeScalars {
                if scalar.properties.isWhitespace || scalar.properties.isDash { continue }
                guard scalar.properties.generalCategory == .decimalNumber, let digit = scalar.properties.numericValue
                else { return .failure("must be the six digits of the mail") }
                digits += String(Int(digit))
            }
            guard digits.utf8.count == 6 else { return .failure("must be the six digits of the mail") }
            return .success(Secret(digits))
        }
    }
}

extension Password.Weakness {
    var message: FieldMessage {
        switch self {
        case .tooShort: "must have at least \(Password.lengths.lowerBound) characters"
        case .tooLong:
            "must have at most \(Password.lengths.upperBound) characters and \(Password.bytesMax) bytes"
        case .sameAsAddress: "must differ from the e-mail address"
        case .common: "must not be a common password"
        }
    }
}
