import AccessContract
import AccessDomain
import Shared

/// Reads what was used, day by day, from what the counters wrote down. The last moments may not be there yet.
package protocol UsageReader: Sendable {
    /// The newest day first.
    ///
    /// - Parameter page: its cursor is one that a page of this reader had; another text begins at the start.
    func daily(_ filter: UsageFilter, _ page: PageRequest) async throws -> Page<DailyUse>
}

/// Whose use of what, and when; nil does not matter.
package struct UsageFilter: Sendable, Equatable {
    package let subject: MeterSubject?
    /// Nil for the counts over all services as well as those of each.
    package let service: ServiceID?
    /// The first moment: of days that begin then or later.
    package let from: Timestamp?
    /// The first moment behind.
    package let to: Timestamp?

    package init(
        subject: MeterSubject? = nil, service: ServiceID? = nil, from: Timestamp? = nil, to: Timestamp? = nil
    ) {
        self.subject = subject
        self.service = service
        self.from = from
        self.to = to
    }
}

/// What somebody used on one day.
package struct DailyUse: Sendable, Equatable {
    package let subject: MeterSubject
    /// Nil: over all services.
    package let service: ServiceID?
    package let day: TimeWindow
    package let used: Int

    package init(subject: MeterSubject, service: ServiceID?, day: TimeWindow, used: Int) {
        self.subject = subject
        self.service = service
        self.day = day
        self.used = used
    }
}
