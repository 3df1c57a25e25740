import AccountsContract
import AccountsDomain
import Shared

package protocol LoginCodeRepository {
    func find(_ id: LoginCodeID) throws -> LoginCode?
    /// The newest of the user but for those that a clock which was ahead has made: they would stand before all others
    /// until its date.
    func latest(of userID: UserID, at now: Timestamp) throws -> LoginCode?
    /// Guesses of one kind at codes that were made at `since` or later, without those of a clock that was ahead.
    func attempts(
        of userID: UserID, by guesser: LoginCode.Guesser, since: Timestamp, at now: Timestamp
    ) throws -> Int
    func insert(_ code: LoginCode) throws
    /// Attempts and use.
    func update(_ code: LoginCode) throws
    /// Every open one of the user, so that none of them works any more.
    func cancelAll(of userID: UserID, at now: Timestamp) throws
}
