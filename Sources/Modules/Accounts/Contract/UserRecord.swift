import Shared

/// A person's account as administrators see it.
package struct UserRecord: Sendable, Equatable {
    package let standing: UserStanding
    package let username: String?
    package let firstName: String?
    package let lastName: String?
    /// The address of a picture.
    package let image: String?
    /// A language tag such as `en`.
    package let locale: String
    /// Who vouches for the person: `local`, or an identity provider's name.
    package let provider: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package var id: UserID { standing.userID }

    package init(
        standing: UserStanding, username: String?, firstName: String?, lastName: String?, image: String?,
        locale: String, provider: String, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.standing = standing
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.image = image
        self.locale = locale
        self.provider = provider
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
