import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// Whether this user is an administrator and no other could act without him. Nobody else's going is decided until
    /// this work ends.
    ///
    /// - Parameter user: locked, and nothing of him written yet in this work.
    func isLastAdministrator(_ user: User, at now: Timestamp) throws -> Bool {
        guard user.role == .admin else { return false }
        return try users.lockAdministrators(besides: user.id, ableAt: now) == 0
    }

    /// Others who remember how this user stood shall ask again.
    func tellChange(of id: UserID, at now: Timestamp) throws {
        try revocations.add(Revocation(of: .user(id), at: now))
    }

    /// Takes the right to sign in from an account; whoever is signed in is not any more.
    ///
    /// - Parameter user: locked, active, and not the last administrator.
    func deactivate(
        _ user: inout User, byOwner isOwner: Bool, at now: Timestamp, by actor: AuditActor
    ) throws {
        user.deactivate(byOwner: isOwner, at: now)
        try reclaim(&user, .deactivated, at: now, by: actor)
        try tellChange(of: user.id, at: now)
        try publish(UserDeactivated(userID: user.id))
        try audit(.done("user.deactivated", by: actor.text, on: "user:\(user.id)", personal: actor.personal))
    }
}
