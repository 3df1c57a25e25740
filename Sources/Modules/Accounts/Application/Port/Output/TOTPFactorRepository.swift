import AccountsContract
import AccountsDomain
import Shared

package protocol TOTPFactorRepository {
    /// All of the user, confirmed or not, the oldest first.
    func all(of userID: UserID) throws -> [TOTPFactor]
    func insert(_ factor: TOTPFactor) throws
    /// Turns a factor on by its first code.
    ///
    /// - Parameter step: of that code, which counts no more.
    /// - Returns: false if it was on before or is gone.
    func confirm(_ id: FactorID, step: Int64, at now: Timestamp) throws -> Bool
    /// Takes a code of a confirmed factor, by compare-and-swap.
    ///
    /// - Parameter step: the code's.
    /// - Returns: false if a code of this step or of a later one was taken before.
    func take(step: Int64, of id: FactorID, at now: Timestamp) throws -> Bool
    /// - Returns: false if it is gone.
    func delete(_ id: FactorID) throws -> Bool
    func deleteAll(of userID: UserID) throws
}
