import AccountsContract
import AccountsDomain
import Shared

package protocol SessionRepository {
    func find(_ id: SessionID) throws -> Session?
    /// Like `find`, and nobody else changes the session until this work ends.
    func lock(_ id: SessionID) throws -> Session?
    /// Those of the user that are alive, the last used first.
    func alive(of userID: UserID, at now: Timestamp) throws -> [Session]
    /// Every session that is still kept.
    func all(of userID: UserID) throws -> [Session]
    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws

    /// The token by which the session goes on.
    func currentRefreshToken(of id: SessionID) throws -> RefreshTokenRecord?
    /// A token of this session that is not forgotten yet.
    ///
    /// - Parameter hash: SHA-256 of the token's text.
    func refreshToken(of id: SessionID, hash: [UInt8]) throws -> RefreshTokenRecord?
    /// Puts a successor in the place of the current token. Marks the current one spent, and the presented one too;
    /// both lead to the successor from now on. Forgets tokens spent before `horizon`, but for the presented one.
    func rotate(
        _ session: Session, presented: RefreshTokenRecord, to successor: RefreshTokenRecord, at now: Timestamp,
        forgettingBefore horizon: Timestamp) throws

    /// - Returns: false if it was revoked before or is unknown.
    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool
}
