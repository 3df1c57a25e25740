import AccountsContract
import Shared

/// Whose known devices those are that count now: a device that was remembered in an earlier epoch is a stranger's.
package struct DeviceOwner: Sendable, Equatable {
    package let userID: UserID
    package let epoch: Int
    package let email: EmailAddress

    package init(userID: UserID, epoch: Int, email: EmailAddress) {
        self.userID = userID
        self.epoch = epoch
        self.email = email
    }
}

extension User {
    package var deviceOwner: DeviceOwner { DeviceOwner(userID: id, epoch: deviceEpoch, email: email) }
}
