import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import JSON
import Shared

/// A user with the profile.
struct UserAnswer: Output {
    let account: Account

    static let shape = Shape<UserAnswer>("User") { shape in shape.addUser { $0.account } }
}

extension Shape.Builder {
    /// The members of a user.
    fileprivate mutating func addUser(_ account: @escaping @Sendable (Root) -> Account) {
        member("id", .id) { account($0).user.id }
        member("email", .email) { account($0).user.email }
        nullable("username", .text) { account($0).user.username }
        member("is_active", .bool) { account($0).user.isActive }
        member("is_verified", .bool) { account($0).user.isVerified }
        member("is_admin", .bool) { account($0).user.role == .admin }
        nullable("blocked_until", .timestamp) { account($0).user.block?.until }
        nullable("block_reason", .text) { account($0).user.block?.reason }
        member("locale", .text) { account($0).user.locale }
        member("provider", .text) { account($0).user.provider }
        member("profile", .object) { ProfileAnswer(profile: account($0).profile) }
        member("created_at", .timestamp) { account($0).user.createdAt }
        member("updated_at", .timestamp) { account($0).user.updatedAt }
    }
}

/// A user whose address has changed, with new tokens if the link was followed by the session that asked.
struct EmailChangedAnswer: Output {
    let account: Account
    let tokens: SignedInAnswer?

    static let shape = Shape<EmailChangedAnswer>("EmailChanged") { shape in
        shape.addUser { $0.account }
        shape.optional("access_token", .text) { $0.tokens?.signedIn.accessToken.text.reveal() }
        shape.optional("token_type", .text) { $0.tokens.map { _ in "Bearer" } }
        shape.optional("expires_in", .integer) { $0.tokens?.signedIn.accessToken.lifetime.components.seconds }
        shape.optional("refresh_token", .text) { $0.tokens?.refreshToken?.reveal() }
        shape.optional("device_token", .text) { $0.tokens?.deviceToken }
    }
}

struct ProfileAnswer: Output {
    let profile: Profile

    static let shape = Shape<ProfileAnswer>("Profile") { shape in
        shape.nullable("first_name", .text) { $0.profile.firstName }
        shape.nullable("last_name", .text) { $0.profile.lastName }
        shape.nullable("profile_img", .text) { $0.profile.image }
    }
}

/// What a front end shows before an address is verified.
struct VerificationPreviewAnswer: Output {
    let account: Account

    static let shape = Shape<VerificationPreviewAnswer>("VerificationPreview") { shape in
        shape.member("email", .email) { $0.account.user.email }
        shape.member("is_verified", .bool) { $0.account.user.isVerified }
        shape.member("created_at", .timestamp) { $0.account.user.createdAt }
        shape.nullable("created_from", .text) { $0.account.user.registeredFrom?.description }
    }
}

/// One of the caller's devices.
struct SessionAnswer: Output {
    let session: Session
    let isCurrent: Bool

    static let shape = Shape<SessionAnswer>("Session") { shape in
        shape.member("id", .id) { $0.session.id }
        shape.member("is_current", .bool) { $0.isCurrent }
        shape.nullable("user_agent", .text) { $0.session.userAgent }
        shape.nullable("address", .text) { $0.session.address?.description }
        shape.member("created_at", .timestamp) { $0.session.createdAt }
        shape.member("last_used", .timestamp) { $0.session.lastUsed }
        shape.member("expires_at", .timestamp) { $0.session.expiresAt }
    }
}

/// Everything held about a person.
struct PersonalDataAnswer: Output {
    let export: PersonalDataExport
    /// What other modules hold, by their names.
    let modules: JSONObject

    static let shape = Shape<PersonalDataAnswer>("PersonalData") { shape in
        shape.member("exported_at", .timestamp) { $0.export.exportedAt }
        shape.member("user", .object) { UserAnswer(account: $0.export.account) }
        shape.nullable("registered_from", .text) { $0.export.account.user.registeredFrom?.description }
        shape.member("sessions", .list(of: .object)) { answer in
            answer.export.sessions.map { SessionAnswer(session: $0, isCurrent: false) }
        }
        shape.member("second_factors", .list(of: .object)) { answer in
            answer.export.factors.map { FactorAnswer(factor: $0) }
        }
        shape.member("recovery_codes_left", .integer) { Int64($0.export.recoveryCodesLeft) }
        shape.member("identities", .list(of: .object)) { answer in
            answer.export.identities.map { HeldIdentityAnswer(identity: $0) }
        }
        shape.member("audit_trail", .list(of: .object)) { $0.export.auditTrail.map { AuditTrailAnswer(entry: $0) } }
        shape.member("modules", .modules) { $0.modules }
    }
}

extension OutputType where Value == JSONObject {
    fileprivate static var modules: OutputType {
        let schema: JSONObject = ["type": "object", "additionalProperties": ["type": "object"]]
        return OutputType(schema: schema) { $1.value(.object($0)) }
    }
}

struct AuditTrailAnswer: Output {
    let entry: AuditTrailEntry

    static let shape = Shape<AuditTrailAnswer>("AuditTrailEntry") { shape in
        shape.member("time", .timestamp) { $0.entry.time }
        shape.member("action", .text) { $0.entry.action }
        shape.member("outcome", .text) { $0.entry.outcome }
        shape.nullable("reason", .text) { $0.entry.reason }
        shape.member("count", .integer) { Int64($0.entry.count) }
        shape.nullable("address", .text) { $0.entry.personal["address"] }
        shape.nullable("user_agent", .text) { $0.entry.personal["user_agent"] }
    }
}

/// An access token of a session whose person has just proved who they are.
struct SteppedUpAnswer: Output {
    let token: AccessToken

    static let shape = Shape<SteppedUpAnswer>("SteppedUp") { shape in
        shape.member("access_token", .text) { $0.token.text.reveal() }
        shape.member("token_type", .text) { _ in "Bearer" }
        shape.member("expires_in", .integer) { $0.token.lifetime.components.seconds }
    }
}

/// That a second step is due.
struct SecondFactorNeededAnswer: Output {
    let demand: SecondFactorDemand

    static let shape = Shape<SecondFactorNeededAnswer>("SecondFactorNeeded") { shape in
        shape.member("mfa_required", .bool) { _ in true }
        shape.member("mfa_token", .text) { $0.demand.token.reveal() }
        shape.member("methods", .list(of: .secondFactorMethod)) { $0.demand.methods }
        shape.member("expires_in", .integer) { $0.demand.lifetime.components.seconds }
    }
}

extension OutputType where Value == SecondFactorMethod {
    static var secondFactorMethod: OutputType {
        let names = SecondFactorMethod.allCases.map { JSONValue.string($0.rawValue) }
        return OutputType(schema: ["type": "string", "enum": .array(names)]) { $1.string($0.rawValue) }
    }
}

/// The tokens of a session.
struct SignedInAnswer: Output {
    let signedIn: SignedIn
    /// For a client that wants it here and no cookies.
    let refreshToken: Secret<String>?
    /// For such a client to send in `X-Gapura-Device`, as browsers do in a cookie.
    let deviceToken: String?

    static let shape = Shape<SignedInAnswer>("SignedIn") { shape in
        shape.member("access_token", .text) { $0.signedIn.accessToken.text.reveal() }
        shape.member("token_type", .text) { _ in "Bearer" }
        shape.member("expires_in", .integer) { $0.signedIn.accessToken.lifetime.components.seconds }
        shape.optional("refresh_token", .text) { $0.refreshToken?.reveal() }
        shape.optional("device_token", .text) { $0.deviceToken }
        shape.member("user", .object) { UserAnswer(account: $0.signedIn.account) }
    }
}
