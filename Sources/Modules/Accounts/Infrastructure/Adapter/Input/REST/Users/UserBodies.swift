import AccountsApplication
import AccountsContract
import HTTP
import JSON
import Lists
import Shared

struct UsersQuery: ListQuery {
    let filter: UserFilter
    let page: PageQuery

    init(_ fields: inout Fields) {
        filter = UserFilter(
            text: fields.optional("search", .text(1...100)), isActive: fields.optional("is_active", .flag),
            isVerified: fields.optional("is_verified", .flag), isBlocked: fields.optional("is_blocked", .flag),
            isAdministrator: fields.optional("is_admin", .flag))
        page = PageQuery(&fields)
    }
}

struct CreateUserBody: Input {
    let email: EmailAddress
    let password: Secret<String>?
    let username: String?
    let firstName: String?
    let lastName: String?
    let locale: String?
    let isVerified: Bool

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        password = fields.optional("password", .typedPassword)
        username = fields.optional("username", .name(UserFieldLimits.username))
        firstName = fields.optional("first_name", .name(UserFieldLimits.name))
        lastName = fields.optional("last_name", .name(UserFieldLimits.name))
        locale = fields.optional("locale", .choice(Languages.supported))
        isVerified = fields.optional("is_verified", .flag) ?? false
    }
}

struct UpdateUserBody: Input {
    let username: Change<String>
    let firstName: Change<String>
    let lastName: Change<String>
    let locale: String?
    let isActive: Bool?

    init(_ fields: inout Fields) {
        username = fields.change("username", .name(UserFieldLimits.username))
        firstName = fields.change("first_name", .name(UserFieldLimits.name))
        lastName = fields.change("last_name", .name(UserFieldLimits.name))
        locale = fields.optional("locale", .choice(Languages.supported))
        isActive = fields.optional("is_active", .flag)
    }
}

struct BlockUserBody: Input {
    let reason: String
    let until: Ending?

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .text(UserFieldLimits.blockReason))
        until = fields.ending()
    }
}

extension FieldType where Value == Secret<String> {
    /// A password to set, as it was typed; its rules are those of Accounts.
    fileprivate static var typedPassword: FieldType {
        let schema: @Sendable () -> JSONObject = {
            ["type": "string", "format": "password", "minLength": 8, "maxLength": 256]
        }
        return FieldType(schema: schema(), placeholder: Secret("")) { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard text.utf8.count <= 4_096 else { return .failure("must have at most 256 characters") }
            return .success(Secret(text))
        }
    }
}
