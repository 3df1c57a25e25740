import AccountsContract
import NotificationsDomain
import Shared

/// Which messages a person wants.
package struct PreferencesService: Sendable {
    package enum Outcome: Sendable, Equatable {
        case changed([NotificationPreference])
        /// These kinds cannot be switched off.
        case required([NotificationKind])
    }

    package enum Unsubscribing: Sendable, Equatable {
        case done(NotificationKind)
        case invalid
    }

    private let work: any NotificationsWork
    private let accounts: any AccountsFacade
    private let links: any UnsubscribeLinks
    private let clock: any WallClock

    package init(
        work: any NotificationsWork, accounts: any AccountsFacade, links: any UnsubscribeLinks, clock: any WallClock
    ) {
        self.work = work
        self.accounts = accounts
        self.links = links
        self.clock = clock
    }

    package func read(of user: Identifier) async throws -> [NotificationPreference] {
        try await work.read { try $0.preferences.all(of: user) }
    }

    /// Kinds that are not named stay as they are.
    package func change(
        _ wanted: [NotificationKind: Bool], by principal: Principal
    ) async throws -> Outcome {
        let refused = NotificationKind.allCases.filter { $0.isRequired && wanted[$0] == false }
        guard refused.isEmpty else { return .required(refused) }
        return .changed(
            try await set(wanted, of: principal.userID) { .done($0, on: "user:\(principal.userID)", by: principal) })
    }

    /// What a link ends.
    package func preview(_ token: String) -> NotificationKind? { links.subject(of: token)?.kind }

    /// Ends a kind of mails for whoever has the link: its reader, or the program that reads the mail for them.
    package func unsubscribe(_ token: String) async throws -> Unsubscribing {
        guard let subject = links.subject(of: token) else { return .invalid }
        // Of somebody who is gone nothing is written down.
        guard try await accounts.standing(of: UserID(subject.userID)) != nil else { return .done(subject.kind) }
        let name = "user:\(subject.userID)"
        _ = try await set([subject.kind: false], of: subject.userID) { .done($0, by: name, on: name) }
        return .done(subject.kind)
    }

    private func set(
        _ wanted: [NotificationKind: Bool], of user: Identifier,
        audit: @escaping @Sendable (_ action: String) -> AuditEntry
    ) async throws -> [NotificationPreference] {
        let now = clock.now
        return try await work.write { context in
            let before = try context.preferences.all(of: user)
            var hasChanged = false
            for (kind, isEnabled) in wanted where !kind.isRequired && before.allow(kind) != isEnabled {
                hasChanged = true
                try context.preferences.put(
                    NotificationPreference(kind: kind, isEnabled: isEnabled, updatedAt: now), of: user)
            }
            guard hasChanged else { return before }
            try context.audit(audit("notification_preferences.changed"))
            return try context.preferences.all(of: user)
        }
    }
}
