import AccessContract
import AccessDomain
import Shared

/// A partial update: nil keeps.
package struct ChangeAPIKeyCommand: Sendable {
    package let id: APIKeyID
    package let name: String?
    package let services: [String]?
    package let principal: Principal

    package init(id: APIKeyID, name: String? = nil, services: [String]? = nil, principal: Principal) {
        self.id = id
        self.name = name
        self.services = services
        self.principal = principal
    }
}

package enum ChangeAPIKeyOutcome: Sendable, Equatable {
    case changed(APIKey)
    case unknown
    /// It was revoked or has expired.
    case ended
    case permissionDenied
    case invalid(InvalidFields)
}
