import AccessContract
import AccessDomain
import Shared

package struct RotateAPIKeyCommand: Sendable {
    package let id: APIKeyID
    /// How long the old secret goes on counting; zero to `APIKey.overlapMax`.
    package let overlap: Duration
    package let principal: Principal

    package init(id: APIKeyID, overlap: Duration, principal: Principal) {
        self.id = id
        self.overlap = overlap
        self.principal = principal
    }
}

package enum RotateAPIKeyOutcome: Sendable {
    /// The text is told this once.
    case rotated(APIKey, text: Secret<String>)
    case unknown
    /// It was revoked or has expired.
    case ended
    case permissionDenied
}
