import AccessContract
import AccessDomain
import Shared

package struct OwnUsage: Sendable {
    package let plan: PlanCode
    package let uses: [QuotaUse]

    package init(plan: PlanCode, uses: [QuotaUse]) {
        self.plan = plan
        self.uses = uses
    }
}

/// How much of one limit is used.
package struct QuotaUse: Sendable, Equatable {
    /// The slug; nil for all services together.
    package let service: ServiceSlug?
    package let unit: WindowUnit
    package let window: TimeWindow
    package let used: Int
    package let reserved: Int
    /// Nil: only counted.
    package let limit: Int?

    package init(
        service: ServiceSlug?, unit: WindowUnit, window: TimeWindow, used: Int, reserved: Int, limit: Int?
    ) {
        self.service = service
        self.unit = unit
        self.window = window
        self.used = used
        self.reserved = reserved
        self.limit = limit
    }

    /// Nil if nothing is limited.
    package var remaining: Int? { limit.map { max(0, $0 - used - reserved) } }
}

/// Which days are looked for.
package struct UsageQuery: Sendable {
    /// Nil for everybody together.
    package let subject: MeterSubject?
    /// Instead of a subject: by day alone.
    package let key: APIKeyID?
    /// Nil for each of them.
    package let service: ServiceSlug?
    /// Of days that begin then or later; nil for thirty days before `to`.
    package let from: Timestamp?
    /// Of days that begin before; nil for now.
    package let to: Timestamp?

    package init(
        subject: MeterSubject?, key: APIKeyID? = nil, service: ServiceSlug?, from: Timestamp?, to: Timestamp?
    ) {
        self.subject = subject
        self.key = key
        self.service = service
        self.from = from
        self.to = to
    }
}

package enum DailyUsageOutcome: Sendable {
    /// With the slugs of the services that are still there.
    case found(Page<DailyUse, DayAndService>, slugs: [ServiceID: ServiceSlug])
    case unknownService
    /// Not there, or not to be seen by this caller.
    case unknownKey
    /// What others have used is for staff.
    case permissionDenied
}
