import AccessContract
import AccessDomain
import AccountsContract
import HTTP
import Lists
import Shared

struct APIKeysQuery: ListQuery {
    let page: PageQuery
    let userID: UserID?
    let isForAll: Bool

    init(_ fields: inout Fields) {
        userID = fields.optional("user_id", .id)
        isForAll = fields.optional("all", .flag) ?? false
        page = PageQuery(&fields)
    }
}

struct CreateAPIKeyBody: Input {
    let draft: APIKeyDraft
    let owner: UserID?

    init(_ fields: inout Fields) {
        draft = APIKeyDraft(
            name: fields.required("name", .displayName),
            scopes: fields.required("scopes", .list(of: .permission, 1...APIKey.scopesMax)),
            expiresAt: fields.optional("expires_at", .moment))
        owner = fields.optional("user_id", .id)
    }
}

struct APIKeyAnswer: Output {
    let key: APIKey
    let now: Timestamp

    static let shape = Shape<APIKeyAnswer>("APIKey") { shape in members(&shape) { $0 } }

    /// - Parameter answer: where the key is in what is written.
    static func members<Root>(
        _ shape: inout Shape<Root>.Builder, _ answer: @escaping @Sendable (Root) -> APIKeyAnswer
    ) {
        shape.member("id", .id) { answer($0).key.id }
        shape.member("name", .text) { answer($0).key.name }
        shape.member("prefix", .text) { answer($0).key.prefix.description }
        shape.nullable("user_id", .id) { answer($0).key.owner.userID.map { UserID($0) } }
        shape.nullable("tenant_id", .id) { answer($0).key.owner.tenantID }
        shape.member("scopes", .list(of: .text)) { answer($0).key.scopes.permissions.map(\.description) }
        shape.member("state", .text) { answer($0).state }
        shape.member("created_at", .timestamp) { answer($0).key.createdAt }
        shape.nullable("expires_at", .timestamp) { answer($0).key.expiresAt }
        shape.nullable("last_used_at", .timestamp) { answer($0).key.lastUsedAt }
        shape.nullable("revoked_at", .timestamp) { answer($0).key.revokedAt }
    }

    private var state: String {
        switch key.state(at: now) {
        case .open: "open"
        case .expired: "expired"
        case .revoked: "revoked"
        }
    }
}

/// A key that was just made.
struct NewAPIKeyAnswer: Output {
    /// The member that is shown once.
    static let secret = "key"

    let answer: APIKeyAnswer
    /// Nil if the request was made before.
    let text: Secret<String>?

    static let shape = Shape<NewAPIKeyAnswer>("NewAPIKey") { shape in
        shape.optional(Self.secret, .text) { $0.text?.reveal() }
        APIKeyAnswer.members(&shape) { $0.answer }
    }
}
