import AccountsApplication
import AccountsContract
import Synchronization

/// Changes happen when a test says so.
package final class UserChangesDouble: UserChanges {
    private let listeners = Mutex<[@Sendable (UserID) -> Void]>([])

    package init() {}

    package func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    package func happen(to id: UserID) {
        for listener in listeners.withLock({ $0 }) { listener(id) }
    }
}
