import AccountsDomain
import Shared

package protocol LoginFailureRepository {
    func find(_ key: String) throws -> LoginFailures?
    func save(_ failures: LoginFailures) throws
    func remove(_ key: String) throws
}
