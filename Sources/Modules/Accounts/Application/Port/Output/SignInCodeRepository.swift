import AccountsContract
import AccountsDomain
import Shared

package protocol SignInCodeRepository {
    func find(_ id: SignInCodeID) throws -> SignInCode?
    /// The newest of the user but for those that a clock which was ahead has made: they would stand before all others
    /// until its date.
    func latest(of userID: UserID, at now: Timestamp) throws -> SignInCode?
    /// Guesses of one kind at codes that were made at `since` or later, without those of a clock that was ahead.
    func attempts(
        of userID: UserID, by guesser: SignInCode.Guesser, since: Timestamp, at now: Timestamp
    ) throws -> Int
    func insert(_ code: SignInCode) throws
    /// Attempts and use.
    func update(_ code: SignInCode) throws
    /// Every open one of the user, so that none of them works any more.
    func cancelAll(of userID: UserID, at now: Timestamp) throws
}
