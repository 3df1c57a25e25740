import AccessContract
import AccessDomain
import AccountsContract
import HTTP
import Lists
import Shared

struct APIKeysQuery: ListQuery {
    let page: PageQuery
    let userID: UserID?
    let serviceAccountID: ServiceAccountID?
    let isForAll: Bool

    init(_ fields: inout Fields) {
        userID = fields.optional("user_id", .id)
        serviceAccountID = fields.optional("service_account_id", .id)
        isForAll = fields.optional("all", .flag) ?? false
        page = PageQuery(&fields)
    }
}

struct CreateAPIKeyBody: Input {
    let draft: APIKeyDraft
    let owner: UserID?
    let serviceAccount: ServiceAccountID?

    init(_ fields: inout Fields) {
        let kind = fields.optional("kind", .choice(APIKey.Kind.allCases.map(\.rawValue)))
        serviceAccount = fields.optional("service_account_id", .id)
        draft = APIKeyDraft(
            name: fields.required("name", .displayName),
            kind: kind.flatMap { APIKey.Kind(rawValue: $0) } ?? (serviceAccount == nil ? nil : .serviceAccount),
            services: fields.optional("services", .keyServices) ?? [],
            scopes: fields.optional("scopes", .list(of: .permission, 0...APIKey.scopesMax)) ?? [],
            expiresAt: fields.optional("expires_at", .moment))
        owner = fields.optional("user_id", .id)
    }
}

struct ChangeAPIKeyBody: Input {
    let name: String?
    let services: [String]?

    init(_ fields: inout Fields) {
        name = fields.optional("name", .displayName)
        services = fields.optional("services", .keyServices)
    }
}

struct RotateAPIKeyBody: Input {
    let overlap: Duration

    init(_ fields: inout Fields) {
        let most = Int(APIKey.overlapMax.components.seconds)
        overlap = .seconds(fields.optional("overlap", .integer(0...most)) ?? 86_400)
    }
}

extension FieldType where Value == [String] {
    fileprivate static var keyServices: FieldType { .list(of: .listedService, 1...KeyServices.countMax) }
}

extension FieldType where Value == String {
    fileprivate static var listedService: FieldType {
        .ruled(#"^(\*|[a-z0-9][a-z0-9_-]{0,62})$"#, max: 63, example: "cvmaker")
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
        shape.member("kind", .text) { answer($0).key.kind.rawValue }
        shape.nullable("user_id", .id) { answer($0).key.owner.userID.map { UserID($0) } }
        shape.nullable("service_account_id", .id) { answer($0).key.owner.serviceAccountID }
        shape.nullable("tenant_id", .id) { answer($0).key.owner.tenantID }
        shape.member("services", .list(of: .text)) { answer($0).key.services.texts }
        shape.member("scopes", .list(of: .text)) { answer($0).key.scopes.permissions.map(\.description) }
        shape.member("state", .text) { answer($0).state }
        shape.member("created_at", .timestamp) { answer($0).key.createdAt }
        shape.nullable("expires_at", .timestamp) { answer($0).key.expiresAt }
        shape.nullable("last_used_at", .timestamp) { answer($0).key.lastUsedAt }
        shape.nullable("revoked_at", .timestamp) { answer($0).key.revokedAt }
        shape.nullable("previous_until", .timestamp) { answer($0).previousUntil }
    }

    private var previousUntil: Timestamp? { key.previous.flatMap { now < $0.until ? $0.until : nil } }

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
