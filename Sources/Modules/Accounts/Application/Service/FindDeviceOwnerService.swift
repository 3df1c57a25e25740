import AccountsDomain
import Shared

package struct FindDeviceOwnerService: FindDeviceOwner {
    private let work: any AccountsWork

    package init(work: any AccountsWork) {
        self.work = work
    }

    package func callAsFunction(email: EmailAddress) async throws -> DeviceOwner? {
        try await work.read { try $0.users.find(email: email)?.user.deviceOwner }
    }
}
