import AccountsContract
import Shared

/// One of a person's signed-in devices.
package struct UserSession: Sendable, Equatable {
    package let id: SessionID
    package let userAgent: String?
    package let address: NetworkAddress?
    package let createdAt: Timestamp
    package let lastUsed: Timestamp
    package let expiresAt: Timestamp

    package init(
        id: SessionID, userAgent: String?, address: NetworkAddress?, createdAt: Timestamp, lastUsed: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.userAgent = userAgent
        self.address = address
        self.createdAt = createdAt
        self.lastUsed = lastUsed
        self.expiresAt = expiresAt
    }
}

/// Which users are looked for; nil does not matter.
package struct UserFilter: Sendable {
    /// Somewhere in the address or the user name. Only ASCII letters match in either case. Empty is the same as nil.
    package let text: String?
    package let isActive: Bool?
    package let isVerified: Bool?
    /// Whether a block is in effect now.
    package let isBlocked: Bool?
    package let isAdministrator: Bool?

    package init(
        text: String? = nil, isActive: Bool? = nil, isVerified: Bool? = nil, isBlocked: Bool? = nil,
        isAdministrator: Bool? = nil
    ) {
        self.text = text.flatMap { $0.isEmpty ? nil : $0 }
        self.isActive = isActive
        self.isVerified = isVerified
        self.isBlocked = isBlocked
        self.isAdministrator = isAdministrator
    }
}
