import AccountsContract
import AccountsDomain
import Shared

package protocol SessionRepository {
    func find(_ id: SessionID) throws -> Session?
    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws

    /// - Returns: false if it was revoked before or is unknown.
    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool
    /// Every session of the user that is still alive.
    ///
    /// - Returns: those that were revoked by this call.
    func revokeAll(of userID: UserID, at now: Timestamp, reason: Session.RevocationReason) throws -> [SessionID]
}
