import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Who uses the administration: somebody signed in, or a program by a key of his.
package struct Administrator: Sendable {
    package enum Credential: Sendable, Equatable {
        case session
        case apiKey(APIKeyID, APIKeyPrefix)
    }

    package let credential: Credential
    /// What is known of the person, or of the key's owner.
    package let standing: Standing
    /// What he may do now; of a key, what it may do for him.
    package let rights: CallerRights
    package let client: ClientInfo

    package init(_ credential: Credential, standing: Standing, rights: CallerRights, client: ClientInfo) {
        self.credential = credential
        self.standing = standing
        self.rights = rights
        self.client = client
    }

    package var userID: Identifier { standing.userID }

    /// A person, and no program for him.
    package var isPerson: Bool { credential == .session }

    /// Whether he may do something with a row of the platform.
    package func may(_ permission: Permission) -> Bool { rights.allows(permission, on: nil) }

    /// The same as Accounts tells it in the audit log.
    package var actor: AdministrativeActor {
        switch credential {
        case .session: AdministrativeActor(.user(UserID(userID)), client: client)
        case .apiKey(_, let prefix): AdministrativeActor(.apiKey(prefix.description), client: client)
        }
    }
}
