import AccountsContract
import AccountsDomain
import Shared

/// Who tries to sign in to what, from where.
package struct SignInAttempt: Sendable {
    package let email: EmailAddress
    package let client: ClientInfo

    package init(email: EmailAddress, client: ClientInfo) {
        self.email = email
        self.client = client
    }

    /// Failures of a device that the owner has used count for that device; all others together for the account, so
    /// that a flood from elsewhere cannot lock the owner out.
    var accountKey: String {
        client.knownDevice.map { Self.deviceKeyPrefix(email) + $0.description } ?? Self.accountKey(email)
    }

    static func accountKey(_ email: EmailAddress) -> String { "account:\(email.key)" }
    static func deviceKeyPrefix(_ email: EmailAddress) -> String { "device:\(email.key):" }

    /// Whether the owner has to hear of a sign-in by password: on a device that is not known to be the owner's. Who just
    /// made the account knows, and whoever signs in by a mail holds the mailbox that would be told.
    func isNewDevice(of user: User, at now: Timestamp) -> Bool {
        client.knownDevice == nil && now - user.createdAt > Self.accountIsNew
    }

    /// Devices that sign in so soon are taken for the owner's.
    private static let accountIsNew: Duration = .seconds(3_600)

    var limits: [CountedAttempt.Limit] {
        let isKnown = client.knownDevice != nil
        return [
            .network(client, refuses: !isKnown),
            CountedAttempt.Limit(key: accountKey, policy: isKnown ? .knownDevice : .account),
        ]
    }
}

extension CountedAttempt.Limit {
    /// Never forgiven: whoever guesses at the accounts of others may have one of their own.
    static func network(_ client: ClientInfo, refuses: Bool) -> CountedAttempt.Limit {
        CountedAttempt.Limit(
            key: "network:\(client.address.limitPrefix)", policy: .network, refuses: refuses, isForgiven: false)
    }
}

/// How an attempt to sign in ends that was counted when it began.
package struct SignInGuard: Sendable {
    package init() {}

    /// - Parameter user: nil if there is none of this address; it is counted all the same.
    func fail(
        _ counted: CountedAttempt, _ attempt: SignInAttempt, _ user: User?, at now: Timestamp,
        in context: any AccountsContext
    ) throws {
        let outcomes = try counted.fail(at: now, in: context.signInFailures)
        try context.audit(SessionOpener.refusal("invalid_credentials", user?.id, attempt.client))
        guard let userID = user?.id, let outcome = outcomes[attempt.accountKey] else { return }
        // One event for an account and window, so that a flood does not fill the outbox.
        if outcome.isFirst { try context.publish(UserLoginFailed(userID: userID)) }
        if outcome.isLocked {
            try context.publish(AccountLocked(userID: userID))
            try context.audit(
                .done("account.locked", by: "system", on: "user:\(userID)", personal: attempt.client.personal))
        }
    }

    /// Opens a session for a credential that was right. The failures before it are forgiven, unless the account may
    /// not sign in.
    ///
    /// - Parameters:
    ///   - proof: of the credential.
    ///   - destination: kept while a second step is due.
    ///   - isNewDevice: whether the owner has to hear of it.
    func open(
        _ account: Account, by proof: SignInProof, _ counted: CountedAttempt, _ attempt: SignInAttempt,
        _ opener: SessionOpener, to destination: SignInDestination,
        isNewDevice: Bool = false, at now: Timestamp, in context: any AccountsContext
    ) throws -> SessionOpener.Opening {
        let opening = try opener.open(
            account, by: proof, attempt.client, to: destination, isNewDevice: isNewDevice, at: now, in: context)
        switch opening {
        case .opened, .secondFactorNeeded: try counted.forgive(in: context.signInFailures)
        case .refused: try counted.takeBack(in: context.signInFailures)
        }
        return opening
    }
}
