import AccessContract
import AccessDomain
import Shared

/// What was used, for administrators. The past is kept for 90 days.
package protocol UsageReader: Sendable {
    /// By day and service, the oldest day first; days without use are left out.
    ///
    /// - Parameters:
    ///   - subject: nil for everybody together. Nobody signed in is counted there by his network, so once for each
    ///     request; what was copied from a device to a person at sign-in counts for both.
    ///   - service: nil for each of them.
    ///   - from: the first moment at which a day may begin.
    ///   - to: the first moment at which it may not begin any more.
    func use(
        of subject: MeterSubject?, service: ServiceID?, from: Timestamp, to: Timestamp
    ) async throws -> [DailyUse]
}

/// What was used of a service on one day.
package struct DailyUse: Sendable, Equatable {
    /// When the day began.
    package let day: Timestamp
    package let service: ServiceID
    package let used: Int

    package init(day: Timestamp, service: ServiceID, used: Int) {
        self.day = day
        self.service = service
        self.used = used
    }
}
