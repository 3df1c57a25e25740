import AccountsContract
import AccountsDomain
import Shared

package protocol SessionRepository {
    func find(_ id: SessionID) throws -> Session?
    /// Like `find`, and nobody else changes the session until this work ends.
    func lock(_ id: SessionID) throws -> Session?
    /// Those of the user that are alive, the newest first.
    func alive(of userID: UserID, at now: Timestamp) throws -> [Session]
    /// A part of those by which somebody can still act: they are alive, and their refresh token is good, or they were
    /// used after `horizon`, so that an access token may be. Their order never changes, so that none is missed that is
    /// used between two parts.
    func usable(
        of userID: UserID, at now: Timestamp, usedAfter horizon: Timestamp, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Session, NewestFirst>
    /// Every session that is still kept.
    func all(of userID: UserID) throws -> [Session]
    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws

    /// The token by which the session goes on, of the session's generation.
    func currentRefreshToken(of session: Session) throws -> RefreshTokenRecord?
    /// The token that was read, if it is not forgotten yet.
    func refreshToken(_ reading: RefreshTokenReading) throws -> RefreshTokenRecord?
    /// Puts a successor in the place of the current token. Marks the current one spent, and the presented one too;
    /// both lead to the successor from now on. Forgets the oldest tokens, a few at once, of those spent before
    /// `horizon`, but for the presented one.
    ///
    /// - Parameter presented: the current token or its parent.
    func rotate(
        _ session: Session, presented: RefreshTokenRecord, to successor: RefreshTokenRecord, at now: Timestamp,
        forgettingBefore horizon: Timestamp) throws

    /// Keeps when and by what the person proved once more who they are; of a revoked session nothing.
    func keep(_ proof: SignInProof, of id: SessionID) throws

    /// - Returns: false if it was revoked before or is unknown.
    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool
}
