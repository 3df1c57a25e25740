import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// Takes an account back: ends everything that somebody else may have begun, which is every session, link, code,
    /// pending change of address and known device. A link that undoes a change of address stays, because whoever
    /// changed it may be the one who calls this.
    ///
    /// - Parameters:
    ///   - user: locked; updated in place and in the store.
    ///   - kept: the caller's own session, which `SessionOpener.renew` then gives new tokens.
    /// - Returns: how many sessions ended.
    @discardableResult
    func reclaim(
        _ user: inout User, _ reason: Session.RevocationReason, at now: Timestamp, except kept: SessionID? = nil,
        by actor: AuditActor
    ) throws -> Int {
        let ended = try endAll(of: user.id, reason, at: now, except: kept, by: actor)
        try endPending(of: user.id, at: now)
        user.forgetDevices()
        try users.update(user)
        return ended
    }

    /// Ends the links, codes, half-done sign-ins and pending changes of address of an account.
    func endPending(of userID: UserID, at now: Timestamp) throws {
        try validations.cancelAll(of: userID, at: now)
        try signInCodes.cancelAll(of: userID, at: now)
        try mfaChallenges.cancelAll(of: userID, at: now)
    }

    /// Makes an account a trustworthy administrator's: nothing of before reaches it any more, not even a link that
    /// would bring an earlier address back.
    ///
    /// - Parameter user: locked; updated in place and in the store.
    func reclaimForAdministrator(_ user: inout User, at now: Timestamp, by actor: AuditActor) throws {
        try removePasskeys(of: user.id, by: actor)
        try reclaim(&user, .administratorReset, at: now, by: actor)
        try validations.cancel(.emailUndo, of: user.id, since: nil, at: now)
    }

    /// Whether an address that was just proved can become its prover's. An account that nobody has proved is only a
    /// claim, and gives way.
    func makeRoom(for address: EmailAddress, at now: Timestamp, by actor: AuditActor = .system) throws -> Bool {
        guard let holder = try users.find(email: address)?.user else { return true }
        guard !holder.isVerified else { return false }
        guard let user = try users.lock(holder.id)?.user, user.email == address else { return true }
        guard !user.isVerified else { return false }
        try erase(user.id, at: now, by: actor)
        return true
    }
}
