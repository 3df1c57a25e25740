import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// An account is a claim until its address is proved. The first proof by other means than the registration's own
    /// mail removes the password and every session and pending change made before it: who made them may not be the
    /// address's owner.
    ///
    /// - Parameter account: locked; updated in place and in the store.
    func prove(_ account: inout Account, at now: Timestamp, _ client: ClientInfo) throws {
        guard !account.user.isVerified else { return }
        let userID = account.user.id
        account.user.verify(at: now)
        account.user.setPassword(hash: nil, at: now)
        try reclaim(&account.user, .firstProof, at: now, by: .user(userID, client))
        try tellChange(of: userID, at: now)
        try publish(UserVerified(userID: userID))
        try audit(.done("user.verified", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
    }

    /// Whether one more mail of this kind may go to the account.
    func mayMail(_ purpose: ValidationToken.Purpose, _ userID: UserID, at now: Timestamp) throws -> Bool {
        let sent = try validations.history(purpose, of: userID, since: now - .seconds(3_600))
        return MailAllowance.allows(after: sent.map(\.createdAt), at: now)
    }

    /// Whoever reads the account's mail has proved more than a password does: failures of before do not stop them.
    func forgiveFailures(of user: User) throws {
        try loginFailures.remove(SignInAttempt.accountKey(user.email))
    }
}
