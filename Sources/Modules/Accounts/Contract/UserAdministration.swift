import Shared

/// What administrators do with people's accounts. Who may do it is decided before: nobody's rights are looked at here.
///
/// Each change is one transaction with its events and its lines in the audit log. What changes nothing, such as a
/// second unblocking, leaves neither. The last administrator who can act stays: one who is active, verified and not
/// blocked.
package protocol UserAdministration: Sendable {
    func find(_ id: UserID) async throws -> UserRecord?

    /// The newest first.
    ///
    /// - Parameter page: its cursor is the id of the last user that was seen; another text begins at the start.
    func search(_ filter: UserFilter, _ page: PageRequest) async throws -> Page<UserRecord>

    /// Makes an account. A mail goes out where its owner has to do something: without a password the ordinary link
    /// that sets one, which also proves the address; with a password but unverified the ordinary verification.
    /// Verified and with a password there is no mail. Unverified accounts go after seven days, as everybody's.
    ///
    /// - Throws: `Unavailable` also if too many passwords wait to be hashed.
    func create(_ command: CreateUserCommand) async throws -> CreateUserOutcome

    /// Deactivating ends all sessions and cancels all links; reactivating brings none of them back.
    func update(_ command: UpdateUserCommand) async throws -> UpdateUserOutcome

    /// Erases the account with everything that belongs to it, as its owner's own erasure does.
    func delete(_ id: UserID, by actor: Principal) async throws -> DeleteUserOutcome

    /// Ends all sessions at once, cancels all links, and lets nobody sign in or refresh until the end of the block.
    /// Replaces another block.
    func block(_ command: BlockUserCommand) async throws -> BlockUserOutcome
    func unblock(_ id: UserID, by actor: Principal) async throws -> UnblockUserOutcome

    /// Makes somebody an administrator of the whole platform, or no more one.
    func setAdministrator(
        _ isAdministrator: Bool, of id: UserID, by actor: Principal
    ) async throws -> SetAdministratorOutcome

    /// The living ones, the last used first; nil if there is no such user.
    func sessions(of id: UserID) async throws -> [UserSession]?

    /// - Returns: false if the user has no such living session.
    func revokeSession(_ id: SessionID, of userID: UserID, by actor: Principal) async throws -> Bool

    /// - Returns: how many were ended; nil if there is no such user.
    func revokeSessions(of userID: UserID, by actor: Principal) async throws -> Int?
}
