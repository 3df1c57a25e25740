import Shared

/// What a person has said about a kind of messages.
package struct NotificationPreference: Sendable, Equatable {
    package let kind: NotificationKind
    package let isEnabled: Bool
    package let updatedAt: Timestamp

    package init(kind: NotificationKind, isEnabled: Bool, updatedAt: Timestamp) {
        self.kind = kind
        self.isEnabled = isEnabled
        self.updatedAt = updatedAt
    }
}

extension [NotificationPreference] {
    /// Whether messages of a kind are wanted; they are if nothing was said.
    package func allow(_ kind: NotificationKind) -> Bool {
        kind.isRequired || first { $0.kind == kind }?.isEnabled ?? true
    }
}
