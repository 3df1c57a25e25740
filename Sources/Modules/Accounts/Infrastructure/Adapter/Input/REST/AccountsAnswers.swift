import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import JSON
import Shared

/// A user with the profile.
struct UserAnswer: Output {
    let account: Account

    static let shape = Shape<UserAnswer>("User") { shape in
        shape.member("id", .id) { $0.account.user.id }
        shape.member("email", .email) { $0.account.user.email }
        shape.nullable("username", .text) { $0.account.user.username }
        shape.member("is_active", .bool) { $0.account.user.isActive }
        shape.member("is_verified", .bool) { $0.account.user.isVerified }
        shape.member("is_admin", .bool) { $0.account.user.role == .admin }
        shape.nullable("blocked_until", .timestamp) { $0.account.user.block?.until }
        shape.nullable("block_reason", .text) { $0.account.user.block?.reason }
        shape.member("locale", .text) { $0.account.user.locale }
        shape.member("provider", .text) { $0.account.user.provider }
        // Billing's, which does not exist yet.
        shape.nullable("stripe_customer_id", .text) { _ in nil }
        shape.member("profile", .object) { ProfileAnswer(profile: $0.account.profile) }
        shape.member("created_at", .timestamp) { $0.account.user.createdAt }
        shape.member("updated_at", .timestamp) { $0.account.user.updatedAt }
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

/// The tokens of a session.
struct SignedInAnswer: Output {
    let signedIn: SignedIn
    /// Whether the client wants the refresh token here and no cookies.
    let includesRefreshToken: Bool

    static let shape = Shape<SignedInAnswer>("SignedIn") { shape in
        shape.member("access_token", .text) { $0.signedIn.accessToken.text.reveal() }
        shape.member("token_type", .text) { _ in "Bearer" }
        shape.member("expires_in", .integer) { $0.signedIn.accessToken.lifetime.components.seconds }
        shape.optional("refresh_token", .text) {
            $0.includesRefreshToken ? $0.signedIn.refreshToken.text.reveal() : nil
        }
        shape.member("user", .object) { UserAnswer(account: $0.signedIn.account) }
    }
}
