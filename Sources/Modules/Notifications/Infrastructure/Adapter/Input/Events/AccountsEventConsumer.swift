import AccountsContract
import Messaging
import NotificationsApplication
import Shared

/// Hears what Accounts tells.
struct AccountsEventConsumer: Sendable {
    let queue: QueueNotificationService
    let personalMails: PersonalMailsService
    /// Called when a message may wait to be sent.
    let queued: @Sendable () -> Void

    var subscriptions: [Subscription] {
        [
            .on(UserCreated.self, consumer: "notifications") { event, envelope in
                guard let id = event.validationID else { return }
                try await take(envelope, about: id)
            },
            .on(UserVerified.self, consumer: "notifications") { event, envelope in
                // One welcome, however often an address is proved.
                try await take(envelope, about: event.userID)
            },
            .on(UserVerificationRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(PasswordResetRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(LoginCodeRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.loginCodeID)
            },
            .on(EmailChangeRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(EmailChanged.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(UserReactivationRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(PasswordChanged.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(SessionEndedByGuessing.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(event.sessionID)")
            },
            .on(MFAEnabled.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(MFADisabled.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(MFALocked.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(RecoveryCodeUsed.self, consumer: "notifications") { event, envelope in
                try await take(
                    envelope, about: event.userID, occasion: "\(envelope.id)", details: ["left": "\(event.left)"])
            },
            .on(RecoveryCodesMade.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(MFAResetRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
            .on(MFAResetDone.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: "\(envelope.id)")
            },
            .on(UserLoggedIn.self, consumer: "notifications") { event, envelope in
                guard event.isNewDevice == true else { return }
                // One an hour: a program that remembers nothing is a new device each time.
                try await take(
                    envelope, about: event.userID, occasion: "\(event.userID):\(envelope.time.seconds / 3_600)",
                    details: ["time": envelope.time.minuteText])
            },
            .on(IdentityLinked.self, consumer: "notifications") { event, envelope in
                // Whoever has just made the account with it knows.
                guard event.isNewAccount != true else { return }
                try await take(
                    envelope, about: event.userID, occasion: "\(envelope.id)",
                    details: ["provider": Self.label(of: event.provider)])
            },
            .on(IdentityUnlinked.self, consumer: "notifications") { event, envelope in
                try await take(
                    envelope, about: event.userID, occasion: "\(envelope.id)",
                    details: ["provider": Self.label(of: event.provider)])
            },
            .on(UserRegistrationRepeated.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: daily(event.userID, envelope))
            },
            .on(AccountLocked.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.userID, occasion: daily(event.userID, envelope))
            },
            .on(UserDeleted.self, consumer: "notifications") { event, envelope in
                try await personalMails.forget(event.userID.value, eventID: envelope.id)
            },
        ]
    }

    /// A company's name, for people.
    private static func label(of provider: String) -> String {
        let known = ["google": "Google", "github": "GitHub", "sber": "Sber ID", "supabase": "Supabase"]
        return known[provider] ?? (provider.hasPrefix("oidc:") ? String(provider.dropFirst(5)) : provider)
    }

    /// One mail a day.
    private func daily(_ id: UserID, _ envelope: EventEnvelope) -> String { "\(id):\(envelope.time.seconds / 86_400)" }

    private func take(
        _ envelope: EventEnvelope, about id: some EntityID, occasion: String? = nil, details: [String: String] = [:]
    ) async throws {
        try await queue(
            QueueNotificationCommand(
                eventID: envelope.id, eventType: envelope.type, reference: id.value, userID: envelope.subject,
                occasion: occasion, details: details))
        queued()
    }
}
