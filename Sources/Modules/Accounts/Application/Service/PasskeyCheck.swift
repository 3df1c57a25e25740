import AccountsContract
import AccountsDomain
import Shared

/// Whether a use of a passkey is good: its answer, its challenge, its owner and its count. The same for a sign-in, a
/// second step and a step-up.
struct PasskeyCheck: Sendable {
    let work: any AccountsWork
    let verifier: any PasskeyVerifier

    /// What can be said of an answer before anything is locked or changed.
    struct Reading: Sendable {
        fileprivate let challengeHash: [UInt8]?
        fileprivate let passkey: Passkey?
        fileprivate let userHandle: [UInt8]
        fileprivate let result: Result<PasskeyUse, PasskeyRejection>
    }

    enum Verdict: Sendable {
        /// - Parameter account: the passkey's owner, locked.
        case good(Account, Passkey)
        /// - Parameter userID: the passkey's owner, if it is one of ours.
        case refused(reason: String, UserID?)
        /// Nobody has this credential.
        case unknown
    }

    /// Checks the signature, outside of any unit of work.
    func read(_ assertion: PasskeyAssertion) async throws -> Reading {
        let hash: [UInt8]
        do throws(PasskeyRejection) {
            hash = try verifier.challengeHash(in: assertion.clientData)
        } catch {
            return Reading(challengeHash: nil, passkey: nil, userHandle: [], result: .failure(error))
        }
        let passkey = try await work.read { try $0.passkeys.find(credential: assertion.rawID) }
        return Reading(
            challengeHash: hash, passkey: passkey, userHandle: assertion.userHandle ?? [],
            result: passkey.map { verify(assertion, hash, $0) } ?? .failure(PasskeyRejection("passkey_unknown")))
    }

    private func verify(
        _ assertion: PasskeyAssertion, _ hash: [UInt8], _ passkey: Passkey
    ) -> Result<PasskeyUse, PasskeyRejection> {
        do throws(PasskeyRejection) {
            return .success(
                try verifier.verify(
                    assertion, challengeHash: hash, publicKey: passkey.publicKey,
                    isBackupEligible: passkey.isBackupEligible))
        } catch {
            return .failure(error)
        }
    }

    /// Ends the check in the unit of work that it is for. Whatever comes of it, the challenge is used up.
    ///
    /// - Parameter place: where the answer came from; with a user it has to be his passkey.
    func verdict(
        on reading: Reading, in place: PasskeyChallenge.Place?, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Verdict {
        // The account's row is locked first, as everywhere.
        let account = try reading.passkey.flatMap { try context.users.lock($0.userID) }
        guard let place, let hash = reading.challengeHash,
            let challenge = try context.passkeys.claim(challenge: hash, at: now),
            challenge.isOpen(at: now, in: place)
        else { return .refused(reason: Self.reason(reading, otherwise: "challenge"), reading.passkey?.userID) }
        guard let account, let passkey = try reading.passkey.flatMap({ try context.passkeys.find($0.id) }) else {
            return .unknown
        }
        func refused(_ reason: String) -> Verdict { .refused(reason: reason, passkey.userID) }
        let use: PasskeyUse
        switch reading.result {
        case .failure(let rejection): return refused(rejection.reason)
        case .success(let verified): use = verified
        }
        guard passkey.suspendedAt == nil else { return refused("suspended") }
        guard place.userID ?? passkey.userID == passkey.userID else { return refused("other_user") }
        // Where any passkey may come the authenticator has to say whose it is; else it may.
        if place.userID == nil || !reading.userHandle.isEmpty {
            guard try context.passkeys.handle(of: passkey.userID) == reading.userHandle else {
                return refused("user_handle")
            }
        }
        guard try count(use, of: passkey, client, at: now, in: context) else { return refused("sign_count") }
        try context.passkeys.use(passkey.id, isBackedUp: use.isBackedUp, at: now)
        return .good(account, passkey)
    }

    /// - Returns: whether the passkey may go on.
    private func count(
        _ use: PasskeyUse, of passkey: Passkey, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Bool {
        switch passkey.verdict(on: use.signCount) {
        case .uncounted: return true
        // Another use may have been faster than this reading of the row.
        case .advanced: if try context.passkeys.advance(passkey.id, to: use.signCount) { return true }
        case .regressed, .copied: break
        }
        let isSuspended = !passkey.isBackupEligible
        if isSuspended { try context.passkeys.suspend(passkey.id, at: now) }
        try context.publish(
            PasskeyCounterRegressed(userID: passkey.userID, passkeyID: passkey.id, isSuspended: isSuspended))
        try context.audit(
            .done(
                isSuspended ? "passkey.suspended" : "passkey.counter_regressed", by: "system",
                on: "user:\(passkey.userID)", personal: client.personal))
        return !isSuspended
    }

    private static func reason(_ reading: Reading, otherwise reason: String) -> String {
        guard reading.challengeHash == nil, case .failure(let rejection) = reading.result else { return reason }
        return rejection.reason
    }
}
