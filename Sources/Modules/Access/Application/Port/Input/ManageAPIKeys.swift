import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Keys of programs. Everybody signed in manages his own; other people's by right. A key manages no keys.
package protocol ManageAPIKeys: Sendable {
    /// The newest first.
    func list(
        _ whose: APIKeyListing, _ part: PageRequest<NewestFirst>, for principal: Principal
    ) async throws -> ListAPIKeysOutcome
    /// Nil also for a key that this caller may not see.
    func find(_ id: APIKeyID, for principal: Principal) async throws -> APIKey?
    /// Makes a key under the given id; what is there under it already is the answer, without its text.
    func create(_ command: CreateAPIKeyCommand) async throws -> CreateAPIKeyOutcome
    /// A second time is the same as once.
    func revoke(_ id: APIKeyID, by principal: Principal) async throws -> RevokeAPIKeyOutcome
}

package enum APIKeyListing: Sendable, Equatable {
    case own
    case of(UserID)
    case everybody
}

package enum ListAPIKeysOutcome: Sendable {
    case listed(Page<APIKey, NewestFirst>)
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
