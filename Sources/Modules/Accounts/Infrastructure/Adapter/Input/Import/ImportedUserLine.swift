import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import HTTP
import JSON
import Shared

/// One line of an import: a JSON object, by the rules of registration.
struct ImportedUserLine: Input {
    let user: ImportedUser

    init(_ fields: inout Fields) {
        let firstName: String?
        let lastName: String?
        let email = fields.required("email", .email)
        let passwordHash = fields.optional("password_hash", .importedHash)
        let isVerified = fields.optional("email_verified", .flag)
        let username = fields.optional("username", .name(UserFieldLimits.username))
        firstName = fields.optional("first_name", .name(UserFieldLimits.name))
        lastName = fields.optional("last_name", .name(UserFieldLimits.name))
        let locale = fields.optional("locale", .languageTag)
        let createdAt = fields.optional("created_at", .moment)
        user = ImportedUser(
            email: email, passwordHash: passwordHash, isVerified: isVerified ?? false, username: username,
            profile: Profile(firstName: firstName, lastName: lastName), locale: locale, createdAt: createdAt)
    }

    static let names = Set(Fields.describe(Self.self).map(\.name))
}

extension FieldType where Value == Secret<String> {
    /// A password's hash that was made elsewhere.
    fileprivate static var importedHash: FieldType {
        FieldType(schema: ["type": "string", "maxLength": 1_024], placeholder: Secret("")) { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard text.utf8.count <= 1_024 else { return .failure("must have at most 1024 characters") }
            do throws(PasswordHashProblem) {
                try PasswordHashing.checkImport(text)
                return .success(Secret(text))
            } catch {
                return .failure("\(error.description)")
            }
        }
    }
}

extension FieldType where Value == String {
    /// A language with what qualifies it (BCP 47): `en`, `pt-BR`, `zh-Hant-TW`.
    fileprivate static var languageTag: FieldType {
        let pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
        return FieldType(schema: ["type": "string", "pattern": .string(pattern)], placeholder: "en") { value in
            guard case .string(let text) = value, text.isLanguageTag else {
                return .failure("must be a language tag such as en or pt-BR")
            }
            return .success(text)
        }
    }
}

extension String {
    fileprivate var isLanguageTag: Bool {
        let parts = utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let language = parts.first, (2...3).contains(language.count), language.allSatisfy(isLetter),
            parts.count <= 4
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            (2...8).contains(part.count) && part.allSatisfy { isLetter($0) || isDigit($0) }
        }
    }
}
