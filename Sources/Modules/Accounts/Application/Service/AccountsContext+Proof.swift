import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// An account is a claim until its address is proved. The first proof by other means than the registration's own
    /// mail removes the password, the identities of other companies, the second factors and every session and pending
    /// change made before it: who made them may not be the
    /// address's owner.
    ///
    /// - Parameter account: locked; updated in place and in the store.
    func prove(_ account: inout Account, at now: Timestamp, _ client: ClientInfo) throws {
        guard !account.user.isVerified else { return }
        let userID = account.user.id
        account.user.verify(at: now)
        account.user.setPassword(hash: nil, at: now)
        try removeIdentities(of: userID, by: .user(userID, client))
        try removeFactors(of: &account.user, at: now)
        try reclaim(&account.user, .firstProof, at: now, by: .user(userID, client))
        try tellChange(of: userID, at: now)
        try publish(UserVerified(userID: userID))
        try audit(.done("user.verified", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
    }

    /// Whether one more mail of this kind may go to the account.
    func mayMail(_ purpose: ValidationToken.Purpose, to user: User, at now: Timestamp) throws -> Bool {
        let sent = try validations.history(purpose, of: user.id, since: now - .seconds(3_600))
        guard MailAllowance.allows(after: sent.map(\.createdAt), at: now) else { return false }
        if user.isVerified { return true }
        let kinds: [ValidationToken.Purpose] = [.verify, .reset, .magicLink]
        let all = try kinds.reduce(0) { count, purpose in
            try count + validations.history(purpose, of: user.id, since: Timestamp(milliseconds: 0)).count
        }
        return all < MailAllowance.perClaim
    }

    /// Whether an address gets no mail of the account, because its owner has said that such accounts are not theirs.
    func isQuiet(_ address: EmailAddress, for user: User, at now: Timestamp) throws -> Bool {
        if user.isVerified, user.email == address { return false }
        return try quietAddresses.isQuiet(address, at: now)
    }

    /// Whoever reads the account's mail has proved more than a password does: failures of before do not stop them.
    func forgiveFailures(of user: User) throws {
        try signInFailures.remove(SignInAttempt.accountKey(user.email))
    }
}
