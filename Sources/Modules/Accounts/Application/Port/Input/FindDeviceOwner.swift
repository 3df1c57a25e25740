import AccountsDomain
import Shared

/// Whose devices are looked for, from the address that somebody signs in to.
package protocol FindDeviceOwner: Sendable {
    /// - Returns: nil if there is no such account.
    func callAsFunction(email: EmailAddress) async throws -> DeviceOwner?
}
