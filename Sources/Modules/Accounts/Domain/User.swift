import AccountsContract
import Shared

/// A right over the whole installation. Access turns it into permissions.
package enum PlatformRole: String, Sendable, CaseIterable {
    case admin
}

/// A person's account. It is a claim until its address is proved.
package struct User: Sendable, Equatable {
    package let id: UserID
    package var email: EmailAddress
    package var username: String?
    /// A PHC string; nil for accounts without a password.
    package var passwordHash: String?
    package var isActive: Bool
    /// Whether the owner deactivated it, and so may take that back.
    package private(set) var isDeactivatedByOwner: Bool
    package var isVerified: Bool
    /// Also one that is over.
    package var block: UserBlock?
    package var locale: String
    /// Who vouches for the person: `local`, or an identity provider's name.
    package let provider: String
    package var role: PlatformRole?
    /// Where the registration came from, to show on the verification page.
    package let registeredFrom: NetworkAddress?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// How often the account forgot its known devices.
    package private(set) var deviceEpoch: Int
    /// Whether the owner wants a passkey to be asked for after any other first step.
    package var asksForPasskey: Bool

    package init(
        id: UserID, email: EmailAddress, username: String?, passwordHash: String?, isActive: Bool = true,
        isVerified: Bool = false, block: UserBlock? = nil, locale: String = "en",
        provider: String = "local", role: PlatformRole? = nil, registeredFrom: NetworkAddress?,
        createdAt: Timestamp, updatedAt: Timestamp, deviceEpoch: Int = 0, isDeactivatedByOwner: Bool = false,
        asksForPasskey: Bool = false
    ) {
        self.id = id
        self.email = email
        self.username = username
        self.passwordHash = passwordHash
        self.isActive = isActive
        self.isDeactivatedByOwner = isDeactivatedByOwner
        self.isVerified = isVerified
        self.block = block
        self.locale = locale
        self.provider = provider
        self.role = role
        self.registeredFrom = registeredFrom
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.deviceEpoch = deviceEpoch
        self.asksForPasskey = asksForPasskey
    }

    /// Why an account with the right password may still not sign in.
    package enum SignInObstacle: Sendable, Equatable {
        case notVerified
        case inactive
        /// Nil: until the block is lifted.
        case blocked(until: Timestamp?)
    }

    package func signInObstacle(at now: Timestamp) -> SignInObstacle? {
        if let block, block.isInEffect(at: now) { return .blocked(until: block.until) }
        if !isActive { return .inactive }
        return isVerified ? nil : .notVerified
    }

    package mutating func verify(at now: Timestamp) {
        isVerified = true
        updatedAt = now
    }

    package mutating func setPassword(hash: String?, at now: Timestamp) {
        passwordHash = hash
        updatedAt = now
    }

    /// Every device is a stranger's from now on, until its owner signs in there again.
    package mutating func forgetDevices() { deviceEpoch += 1 }

    package mutating func deactivate(byOwner isOwner: Bool, at now: Timestamp) {
        isActive = false
        isDeactivatedByOwner = isOwner
        updatedAt = now
    }

    package mutating func reactivate(at now: Timestamp) {
        isActive = true
        isDeactivatedByOwner = false
        updatedAt = now
    }

    /// Whether the owner may reactivate the account, or erase it.
    package func mayComeBack(at now: Timestamp) -> Bool {
        !isActive && isDeactivatedByOwner && block?.isInEffect(at: now) != true
    }

    package mutating func setBlock(_ block: UserBlock?, at now: Timestamp) {
        self.block = block
        updatedAt = now
    }

    package mutating func setRole(_ role: PlatformRole?, at now: Timestamp) {
        self.role = role
        updatedAt = now
    }

    /// - Parameter address: one that was just proved.
    package mutating func changeEmail(to address: EmailAddress, at now: Timestamp) {
        email = address
        verify(at: now)
    }
}

extension User {
    package var standing: UserStanding {
        UserStanding(
            userID: id, address: email, isActive: isActive, isVerified: isVerified, isAdministrator: role == .admin,
            block: block)
    }
}

/// What a person tells about himself.
package struct Profile: Sendable, Equatable {
    package var firstName: String?
    package var lastName: String?
    /// The address of a picture.
    package var image: String?

    package init(firstName: String? = nil, lastName: String? = nil, image: String? = nil) {
        self.firstName = firstName
        self.lastName = lastName
        self.image = image
    }
}

/// A user with the profile, as the API shows it.
package struct Account: Sendable, Equatable {
    package var user: User
    package var profile: Profile

    package init(user: User, profile: Profile) {
        self.user = user
        self.profile = profile
    }
}
