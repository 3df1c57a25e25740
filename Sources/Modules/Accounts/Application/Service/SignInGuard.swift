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

    var accountPolicy: LoginFailures.Policy { client.knownDevice == nil ? .account : .knownDevice }

    var networkKey: String { "network:\(client.address.limitPrefix)" }
}

/// Slows guessing down and stops it.
package struct SignInGuard: Sendable {
    package init() {}

    /// How long this attempt has to wait; nil if it may be made now.
    func delay(
        _ attempt: SignInAttempt, _ userID: UserID?, at now: Timestamp, in context: any AccountsContext
    ) throws -> Duration? {
        let account = try context.loginFailures.find(attempt.accountKey)?.delay(by: attempt.accountPolicy, at: now)
        guard attempt.client.knownDevice == nil else { return account }
        let network = try context.loginFailures.find(attempt.networkKey)?.delay(by: .network, at: now)
        return [account, network].compactMap { $0 }.max()
    }

    /// - Parameter user: nil if there is none of this address; it is counted all the same.
    func noteFailure(
        _ attempt: SignInAttempt, _ user: User?, at now: Timestamp, in context: any AccountsContext
    ) throws {
        _ = try count(attempt.networkKey, .network, at: now, in: context)
        let (failures, isLocked) = try count(attempt.accountKey, attempt.accountPolicy, at: now, in: context)
        try context.audit(SessionOpener.refusal("invalid_credentials", user?.id, attempt.client))
        guard let userID = user?.id else { return }
        // One event for an account and window, so that a flood does not fill the outbox.
        if failures.count == 1 { try context.publish(UserLoginFailed(userID: userID)) }
        if isLocked {
            try context.publish(AccountLocked(userID: userID))
            try context.audit(
                .done("account.locked", by: "system", on: "user:\(userID)", personal: attempt.client.personal))
        }
    }

    /// Opens a session for a credential that was right; the failures before it are forgiven.
    func open(
        _ account: Account, _ attempt: SignInAttempt, _ opener: SessionOpener, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> SessionOpener.Opening {
        let opening = try opener.open(account, attempt.client, at: now, in: context)
        if case .opened = opening, try context.loginFailures.find(attempt.accountKey) != nil {
            try context.loginFailures.remove(attempt.accountKey)
        }
        return opening
    }

    private func count(
        _ key: String, _ policy: LoginFailures.Policy, at now: Timestamp, in context: any AccountsContext
    ) throws -> (LoginFailures, isLocked: Bool) {
        var failures =
            try context.loginFailures.lock(key)
            ?? LoginFailures(key: key, windowStart: now, count: 0, lastFailure: now)
        let isLocked = failures.note(by: policy, at: now)
        try context.loginFailures.save(failures)
        return (failures, isLocked)
    }
}
