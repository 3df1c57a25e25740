import AccountsDomain
import Shared

/// Whose devices are looked for, from the address that somebody signs in to.
package struct FindDeviceOwnerService: Sendable {
    private let work: any AccountsWork

    package init(work: any AccountsWork) {
        self.work = work
    }

    /// - Returns: nil if there is no such account.
    package func callAsFunction(email: EmailAddress) async throws -> DeviceOwner? {
        try await work.read { try $0.users.find(email: email)?.user.deviceOwner }
    }
}
