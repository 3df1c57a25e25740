import AccessContract
import Shared

/// How much a key has used on one day: what was counted of the requests that were let pass with it.
package struct KeyUse: Sendable, Equatable {
    /// A key's day.
    package struct Place: Sendable, Hashable {
        package let key: APIKeyID
        /// When the day began.
        package let day: Timestamp

        /// - Parameter now: any moment of the day.
        package init(_ key: APIKeyID, at now: Timestamp) {
            self.key = key
            day = WindowUnit.day.window(at: now).start
        }
    }

    package let place: Place
    package let used: Int

    package init(_ place: Place, used: Int) {
        self.place = place
        self.used = used
    }
}
