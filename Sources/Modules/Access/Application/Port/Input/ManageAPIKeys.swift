import AccessContract
import AccessDomain
import AccountsContract
import Shared

package enum APIKeyListing: Sendable, Equatable {
    case own
    case of(UserID)
    case everybody
}

package enum ListAPIKeysOutcome: Sendable {
    case listed(Page<APIKey>)
    case permissionDenied
}

package struct CreateAPIKeyCommand: Sendable {
    package let id: APIKeyID
    package let draft: APIKeyDraft
    /// Whose it shall be; nil for who makes it.
    package let owner: UserID?
    package let principal: Principal

    package init(id: APIKeyID, draft: APIKeyDraft, owner: UserID? = nil, principal: Principal) {
        self.id = id
        self.draft = draft
        self.owner = owner
        self.principal = principal
    }
}

package enum CreateAPIKeyOutcome: Sendable {
    /// The text is told this once; nil if the key was made before.
    case created(APIKey, text: Secret<String>?)
    case invalid(InvalidFields)
    case unknownOwner
    /// Somebody else's key, a scope that the maker does not have, or a key that makes keys.
    case permissionDenied
    /// The owner has as many as he may.
    case tooMany
}

package enum RevokeAPIKeyOutcome: Sendable, Equatable {
    case revoked
    case unknown
    case permissionDenied
}
