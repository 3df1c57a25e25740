import AccountsContract
import AccountsDomain
import Shared

package protocol MFAChallengeRepository {
    func find(_ id: MFAChallengeID) throws -> MFAChallenge?
    func insert(_ challenge: MFAChallenge) throws
    /// Counts a try that was wrong.
    func countAttempt(_ id: MFAChallengeID) throws
    /// - Returns: false if it was used before or is unknown.
    func markUsed(_ id: MFAChallengeID, at now: Timestamp) throws -> Bool
    /// Every open one of the user.
    func cancelAll(of userID: UserID, at now: Timestamp) throws
}
