import AccountsContract
import AccountsDomain
import Shared

/// The caller's own passkeys.
package struct ManagePasskeysService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// The oldest first; there are at most `Passkey.countMax`.
    package func list(_ caller: SessionCaller) async throws -> [Passkey] {
        try await work.read { try $0.passkeys.all(of: caller.userID) }
    }

    /// - Returns: nil if the caller has no such passkey.
    package func rename(_ id: PasskeyID, to name: String, _ caller: SessionCaller) async throws -> Passkey? {
        try await work.write { context in
            _ = try context.users.lock(caller.userID)
            guard var passkey = try context.passkeys.find(id), passkey.userID == caller.userID else { return nil }
            passkey.name = name
            try context.passkeys.rename(id, to: name)
            return passkey
        }
    }

    package func remove(
        _ id: PasskeyID, _ caller: SessionCaller, client: ClientInfo
    ) async throws -> RemovePasskeyOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let account = try context.users.lock(caller.userID), try context.isSignedIn(caller, at: now),
                let passkey = try context.passkeys.find(id), passkey.userID == caller.userID
            else { return .unknown }
            guard try !context.signInMethods(of: account.user, withoutPasskey: id).isEmpty else {
                return .lastSignInMethod
            }
            try context.remove(passkey, by: .user(caller.userID, client))
            try context.askNoMoreForPasskeys(account.user, at: now)
            return .removed
        }
    }
}

extension AccountsContext {
    /// Nobody is asked for a passkey, as a second step, who has none.
    func askNoMoreForPasskeys(_ user: User, at now: Timestamp) throws {
        guard user.asksForPasskey, try passkeys.all(of: user.id).isEmpty else { return }
        var user = user
        user.asksForPasskey = false
        user.updatedAt = now
        try users.update(user)
        try tellChange(of: user.id, at: now)
    }

    func remove(_ passkey: Passkey, by actor: AuditActor) throws {
        guard try passkeys.delete(passkey.id) else { return }
        try publish(PasskeyRemoved(userID: passkey.userID, passkeyID: passkey.id))
        try audit(
            .done("passkey.removed", by: actor.text, on: "user:\(passkey.userID)", personal: actor.personal))
    }

    /// Those that were added at a moment or later; nil: all.
    func removePasskeys(of userID: UserID, addedSince moment: Timestamp? = nil, by actor: AuditActor) throws {
        for passkey in try passkeys.all(of: userID) where moment.map({ passkey.createdAt >= $0 }) ?? true {
            try remove(passkey, by: actor)
        }
    }
}
