import AccountsContract
import AccountsDomain
import Shared

package protocol RecoveryCodeRepository {
    /// Unused ones of the user.
    func left(of userID: UserID) throws -> Int
    /// In the place of all that the user has, used or not.
    func replaceAll(of userID: UserID, by codes: [RecoveryCode]) throws
    /// Uses one up, by a conditional update.
    ///
    /// - Parameter hash: keyed, of its text.
    /// - Returns: false if the user has no unused one with this hash.
    func use(_ hash: [UInt8], of userID: UserID, at now: Timestamp) throws -> Bool
}
