import AccountsContract
import AccountsDomain
import Shared

package protocol ValidationTokenRepository {
    func find(_ id: ValidationID) throws -> ValidationToken?
    /// When tokens of this purpose were made for the user, not before `since`.
    func history(_ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp) throws -> [Timestamp]
    func insert(_ token: ValidationToken) throws

    /// - Returns: false if it was used before: of two at once, one wins.
    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool
    /// Every open one of the user, so that none of them works any more.
    func cancelAll(of userID: UserID, at now: Timestamp) throws
}
