import AccountsContract
import AccountsDomain
import Shared

package protocol ValidationTokenRepository {
    func find(_ id: ValidationID) throws -> ValidationToken?
    /// The newest of this purpose for the user.
    func latest(_ purpose: ValidationToken.Purpose, of userID: UserID) throws -> ValidationToken?
    func insert(_ token: ValidationToken) throws

    /// - Returns: false if it was used before: of two at once, one wins.
    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool
}
