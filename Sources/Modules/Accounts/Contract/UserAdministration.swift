import Shared

/// What other modules do with people's accounts. Who may do it is decided before: nobody's rights are looked at here.
package protocol UserAdministration: Sendable {
    func find(_ id: UserID) async throws -> UserRecord?
    /// By the address's key.
    func find(email: EmailAddress) async throws -> UserRecord?

    /// Makes somebody an administrator of the whole platform, or takes that away, with its events and its line in the
    /// audit log; what changes nothing leaves neither. The last administrator who can act stays: one who is active,
    /// verified and not blocked.
    func setAdministrator(
        _ isAdministrator: Bool, of id: UserID, by actor: Principal
    ) async throws -> SetAdministratorOutcome
}

package enum SetAdministratorOutcome: Sendable, Equatable {
    case set(UserRecord)
    case unknownUser
    case lastAdministrator
}
