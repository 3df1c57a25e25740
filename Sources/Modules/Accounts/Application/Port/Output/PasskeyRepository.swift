import AccountsContract
import AccountsDomain
import Shared

package protocol PasskeyRepository {
    func find(_ id: PasskeyID) throws -> Passkey?
    /// By the name that its authenticator gave it.
    func find(credential id: [UInt8]) throws -> Passkey?
    /// Every one of the user, the oldest first.
    func all(of userID: UserID) throws -> [Passkey]
    /// How many there are, of everybody, that were made for another relying party than this.
    func count(notOf relyingPartyID: String) throws -> Int
    /// - Returns: false if somebody has this credential already; nothing is changed then.
    func insert(_ passkey: Passkey) throws -> Bool
    func rename(_ id: PasskeyID, to name: String) throws
    /// Puts a higher count in the place of the one that is kept.
    ///
    /// - Returns: false if it is not higher; nothing is changed then.
    func advance(_ id: PasskeyID, to count: Int) throws -> Bool
    /// Notes a use.
    func use(_ id: PasskeyID, isBackedUp: Bool, at now: Timestamp) throws
    func suspend(_ id: PasskeyID, at now: Timestamp) throws
    /// - Returns: false if it is not there.
    func delete(_ id: PasskeyID) throws -> Bool

    /// The name by which authenticators know the user; nil if he has none yet.
    func handle(of userID: UserID) throws -> [UInt8]?
    /// The same, and the given one for somebody who has none.
    func handle(of userID: UserID, orSet handle: [UInt8]) throws -> [UInt8]

    func insert(_ challenge: PasskeyChallenge) throws
    /// Marks a challenge used, so that nobody else gets it.
    ///
    /// - Returns: the challenge as it was; nil if it is unknown or was used before.
    func claim(challenge hash: [UInt8], at now: Timestamp) throws -> PasskeyChallenge?
}
