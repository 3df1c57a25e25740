import AccountsContract
import AccountsDomain
import Shared

/// What waits until an account loses its factors by an administrator's doing; at most one for each account.
package protocol MFAResetRepository {
    func find(of userID: UserID) throws -> MFAReset?
    /// - Returns: false if one waits already.
    func insert(_ reset: MFAReset) throws -> Bool
    /// - Returns: false if none waits.
    func delete(of userID: UserID) throws -> Bool
    /// Those whose time has come, the oldest first.
    func due(at now: Timestamp, limit: Int) throws -> [MFAReset]
    /// Those whose last warning is to go out by now, the oldest first.
    func unwarned(at now: Timestamp, limit: Int) throws -> [MFAReset]
    func markWarned(_ id: MFAResetID, at now: Timestamp) throws
}
