import AccountsContract
import Shared

/// Takes the place of a second factor that is lost, once. The text is shown when it is made and kept nowhere.
package struct RecoveryCode: Sendable, Equatable {
    package let id: Identifier
    package let userID: UserID
    /// Those that were made together.
    package let batch: Identifier
    /// Keyed, of the text.
    package let hash: [UInt8]
    package let createdAt: Timestamp
    package var usedAt: Timestamp?

    /// How many are made together.
    package static let batchCount = 10

    package init(
        id: Identifier, userID: UserID, batch: Identifier, hash: [UInt8], createdAt: Timestamp, usedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.batch = batch
        self.hash = hash
        self.createdAt = createdAt
        self.usedAt = usedAt
    }
}
