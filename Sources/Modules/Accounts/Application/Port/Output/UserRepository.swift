import AccountsContract
import AccountsDomain
import Shared

package protocol UserRepository {
    func find(_ id: UserID) throws -> Account?
    /// By the address's key.
    func find(email: EmailAddress) throws -> Account?
    /// Like `find`, and nobody else changes the account until this work ends.
    func lock(_ id: UserID) throws -> Account?
    /// The password hash of some account: always of the same one for a place while no others come or go, and of each as
    /// likely as of any other.
    ///
    /// - Parameter place: twelve hexadecimal digits in lower case.
    /// - Returns: nil if no account has a password.
    func passwordHash(at place: String) throws -> String?

    /// - Returns: false if the address is taken; nothing is changed then.
    func insert(_ account: Account) throws -> Bool
    func update(_ user: User) throws
    func update(_ profile: Profile, of userID: UserID) throws
    /// With everything that belongs to the account.
    func delete(_ id: UserID) throws

    /// How many there are; nobody adds or removes one until this work ends.
    func lockAdministrators() throws -> Int
    /// How many others there are who can act: active, verified and not blocked. Nobody adds or removes one until this
    /// work ends, and nobody else who asks this before he takes that from somebody decides.
    func lockAdministrators(besides id: UserID, ableAt now: Timestamp) throws -> Int
    /// Those of the filter, the newest id first.
    ///
    /// - Parameters:
    ///   - after: only ids before this one.
    ///   - now: when a block has to be in effect.
    func search(_ filter: UserFilter, after: UserID?, limit: Int, at now: Timestamp) throws -> [Account]
    /// Accounts whose address nobody has proved, not changed since before `moment`: an imported one may be years old.
    func unproved(before moment: Timestamp, limit: Int) throws -> [UserID]
}

extension UserRepository {
    /// The account of an address, which nobody else changes until this work ends.
    func lock(email: EmailAddress) throws -> Account? { try find(email: email).flatMap { try lock($0.user.id) } }
}
