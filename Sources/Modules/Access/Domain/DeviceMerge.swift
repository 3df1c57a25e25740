import AccessContract
import Shared

/// That what a device used before somebody signed in on it counts as his: once for each device, account and day, and
/// only the device's own count, for a network may be shared with strangers.
package struct DeviceMerge: Sendable, Hashable {
    /// What one service counted for the device today.
    package struct Count: Sendable, Equatable {
        package let service: ServiceID
        package let used: Int

        package init(service: ServiceID, used: Int) {
            self.service = service
            self.used = used
        }
    }

    package let device: Identifier
    package let user: Identifier
    /// When the device's day began.
    package let day: Timestamp

    /// - Parameter now: of the sign-in.
    package init(device: Identifier, user: Identifier, at now: Timestamp) {
        self.device = device
        self.user = user
        day = WindowUnit.day.window(at: now).start
    }

    /// What is added to the user's counters, of the day and of the month: for each service, and the sum over all.
    ///
    /// - Parameters:
    ///   - counters: of the device, by service.
    ///   - done: whether it was copied before.
    /// - Returns: empty if there is nothing to copy; counters of another day are left out.
    package func counts(of counters: [(service: ServiceID, counter: Counter)], isDone done: Bool) -> [Count] {
        if done { return [] }
        return counters.filter { $0.counter.window.start == day && $0.counter.used > 0 }.map {
            Count(service: $0.service, used: $0.counter.used)
        }
    }
}
