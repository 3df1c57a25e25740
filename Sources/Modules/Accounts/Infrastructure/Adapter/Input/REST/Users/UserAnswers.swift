import AccountsApplication
import AccountsContract
import HTTP
import Shared

/// A user as administrators see them.
struct ManagedUserAnswer: Output {
    let user: UserRecord
    /// When it is looked at, because a block ends by itself.
    let now: Timestamp

    static let shape = Shape<ManagedUserAnswer>("ManagedUser") { shape in
        shape.member("id", .id) { $0.user.id }
        shape.member("email", .email) { $0.user.standing.address }
        shape.nullable("username", .text) { $0.user.username }
        shape.nullable("first_name", .text) { $0.user.firstName }
        shape.nullable("last_name", .text) { $0.user.lastName }
        shape.nullable("profile_img", .text) { $0.user.image }
        shape.member("locale", .text) { $0.user.locale }
        shape.member("provider", .text) { $0.user.provider }
        shape.member("is_active", .bool) { $0.user.standing.isActive }
        shape.member("is_verified", .bool) { $0.user.standing.isVerified }
        shape.member("is_admin", .bool) { $0.user.standing.isAdministrator }
        shape.member("is_blocked", .bool) { $0.user.standing.isBlocked(at: $0.now) }
        shape.nullable("blocked_until", .timestamp) { $0.user.standing.block?.until }
        shape.nullable("block_reason", .text) { $0.user.standing.block?.reason }
        shape.member("created_at", .timestamp) { $0.user.createdAt }
        shape.member("updated_at", .timestamp) { $0.user.updatedAt }
    }
}

/// One of a user's devices.
struct UserSessionAnswer: Output {
    let session: UserSession

    static let shape = Shape<UserSessionAnswer>("UserSession") { shape in
        shape.member("id", .id) { $0.session.id }
        shape.nullable("user_agent", .text) { $0.session.userAgent }
        shape.nullable("address", .text) { $0.session.address?.description }
        shape.member("created_at", .timestamp) { $0.session.createdAt }
        shape.member("last_used", .timestamp) { $0.session.lastUsed }
        shape.member("expires_at", .timestamp) { $0.session.expiresAt }
    }
}
