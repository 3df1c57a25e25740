import AccountsDomain
import Shared

package protocol SignInFailureRepository {
    func find(_ key: String) throws -> SignInFailures?
    /// Like `find`, and nobody else changes this count until this work ends, even if there is none yet.
    func lock(_ key: String) throws -> SignInFailures?
    func save(_ failures: SignInFailures) throws
    func remove(_ key: String) throws
    /// Every count whose key begins so.
    func removeAll(keysBeginningWith prefix: String) throws
}
