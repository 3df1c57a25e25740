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

/// What was used on one day.
package struct DailyUse: Sendable, Equatable {
    /// When the day began.
    package let day: Timestamp
    /// Nil for all services together.
    package let service: ServiceID?
    package let used: Int

    package init(day: Timestamp, service: ServiceID?, used: Int) {
        self.day = day
        self.service = service
        self.used = used
    }
}

/// By day, the oldest first, and by service.
package struct DayAndService: ListKey {
    package let day: Timestamp
    /// Zero for all of them together.
    package let service: ServiceID

    package init(_ use: DailyUse) {
        day = use.day
        service = use.service ?? ServiceID(Identifier(high: 0, low: 0))
    }

    package init?(_ description: String) {
        let parts = description.split(separator: " ")
        guard parts.count == 2, let day = Int64(parts[0]), let service = ServiceID(text: parts[1]) else { return nil }
        self.day = Timestamp(milliseconds: day)
        self.service = service
    }

    package var description: String { "\(day.milliseconds) \(service)" }

    package static func < (left: DayAndService, right: DayAndService) -> Bool {
        (left.day, left.service) < (right.day, right.service)
    }
}
