import AccessContract
import AccessDomain
import AccountsContract
import Shared

package enum APIKeyListing: Sendable, Equatable {
    case own
    case of(UserID)
    case ofServiceAccount(ServiceAccountID)
    case everybody
}

package enum ListAPIKeysOutcome: Sendable {
    case listed(Page<APIKey, NewestFirst>)
    case permissionDenied
}

package struct CreateAPIKeyCommand: Sendable {
    package let id: APIKeyID
    package let draft: APIKeyDraft
    /// Whose a personal key will be; nil for whoever makes it.
    package let owner: UserID?
    /// Whose a key of the kind `serviceAccount` will be.
    package let serviceAccount: ServiceAccountID?
    package let principal: Principal

    package init(
        id: APIKeyID, draft: APIKeyDraft, owner: UserID? = nil, serviceAccount: ServiceAccountID? = nil,
        principal: Principal
    ) {
        self.id = id
        self.draft = draft
        self.owner = owner
        self.serviceAccount = serviceAccount
        self.principal = principal
    }
}

package enum CreateAPIKeyOutcome: Sendable {
    /// The text is told this once; nil if the key was made before.
    case created(APIKey, text: Secret<String>?)
    case invalid(InvalidFields)
    case unknownOwner
    case unknownServiceAccount
    /// Somebody else's key, a service account's or a gateway's without the right to it, what the maker does not have, or a key that makes
    /// keys.
    case permissionDenied
    /// The owner has as many as they may.
    case tooMany(max: Int)
}

package enum RevokeAPIKeyOutcome: Sendable, Equatable {
    case revoked
    case unknown
    case permissionDenied
}
