import AccountsContract
import AccountsDomain
import Shared

package protocol ValidationTokenRepository {
    func find(_ id: ValidationID) throws -> ValidationToken?
    /// The tokens of this purpose that were made for the user, not before `since`, in any order.
    func history(_ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp) throws -> [ValidationToken]
    func insert(_ token: ValidationToken) throws

    /// - Returns: false if it was used before: of two at once, one wins.
    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool
    /// Every open one of the user but those that undo a change of address, so that none of them works any more.
    func cancelAll(of userID: UserID, at now: Timestamp) throws
    /// Every open one of the user and this purpose.
    ///
    /// - Parameter since: only those that were made then or later; nil for all.
    func cancel(_ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp?, at now: Timestamp) throws
}
