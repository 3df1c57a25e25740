import AccessDomain
import AccountsContract
import Shared

/// People's accounts, for administrators. Who may manage users at all is decided before; here it counts that nobody
/// changes the account of somebody who may do more than he: it would take rights away that he does not have.
package protocol ManageUsers: Sendable {
    func find(_ id: UserID) async throws -> UserRecord?
    /// The newest first.
    func search(_ filter: UserFilter, _ page: PageRequest) async throws -> Page<UserRecord>
    func create(_ command: CreateUserCommand) async throws -> CreateUserOutcome
    /// Makes those that are not there yet.
    func importUsers(_ command: ImportUsersCommand) async throws -> ImportReport
    func update(_ command: UpdateUserCommand, by principal: Principal) async throws -> ManageUserOutcome
    func delete(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome
    func block(_ command: BlockUserCommand, by principal: Principal) async throws -> ManageUserOutcome
    func unblock(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome
    /// The living ones; nil if there is no such user.
    func sessions(of id: UserID) async throws -> [UserSession]?
    /// - Parameter session: nil for all of them.
    func endSessions(
        of id: UserID, _ session: SessionID?, by principal: Principal
    ) async throws -> ManageUserOutcome
}

package enum ManageUserOutcome: Sendable, Equatable {
    /// The user as he is now.
    case done(UserRecord)
    /// The user, or the session, is gone.
    case ended
    case unknown
    /// The user may do more than who acts.
    case permissionDenied
    /// The last administrator stays.
    case lastAdministrator
    /// The end of the block is not in the future.
    case blockIsOver
}
