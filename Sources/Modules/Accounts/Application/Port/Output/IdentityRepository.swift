import AccountsContract
import AccountsDomain
import Shared

package protocol IdentityRepository {
    func find(_ id: IdentityID) throws -> Identity?
    /// Compared as bytes.
    func find(_ provider: ProviderName, issuer: String, subject: String) throws -> Identity?
    /// Of a user, the oldest first.
    func all(of userID: UserID) throws -> [Identity]
    /// One that is linked already breaks a unique key, so that of many at once one is linked and the others find it
    /// when their work is run again.
    func insert(_ identity: Identity) throws
    /// Address, trust, claims and last use.
    func update(_ identity: Identity) throws
    func delete(_ id: IdentityID) throws
}

package protocol FlowClaimRepository {
    /// - Returns: false if another callback of this flow has come before.
    func insert(_ claim: FlowClaim) throws -> Bool
    func find(_ hash: [UInt8]) throws -> FlowClaim?
    /// State, result and end.
    func update(_ claim: FlowClaim) throws
}

package protocol AppCodeRepository {
    func find(_ hash: [UInt8]) throws -> AppCode?
    func insert(_ code: AppCode) throws
    /// - Returns: false if it was used before: of two at once, one wins.
    func markUsed(_ hash: [UInt8], at now: Timestamp) throws -> Bool
    /// The session that the code became, for people who look at the table.
    func note(_ session: SessionID, of hash: [UInt8]) throws
}
