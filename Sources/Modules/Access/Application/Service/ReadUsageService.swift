import AccessContract
import AccessDomain
import Shared

/// What was used, and what is left.
package struct ReadUsageService: Sendable {
    private let meter: any Meter
    private let reader: any UsageReader
    private let services: any ServiceDirectory
    private let standings: any StandingDirectory
    private let clock: any WallClock

    /// How far a question without a beginning looks back.
    private static let span: Duration = .seconds(30 * 86_400)

    package init(
        meter: any Meter, reader: any UsageReader, services: any ServiceDirectory, standings: any StandingDirectory,
        clock: any WallClock
    ) {
        self.meter = meter
        self.reader = reader
        self.services = services
        self.standings = standings
        self.clock = clock
    }

    /// In the windows that are open: every limit of the plan, and whatever else was counted.
    ///
    /// - Returns: nil if the account is gone.
    package func own(_ userID: Identifier) async throws -> OwnUsage? {
        guard let standing = try await standings.standing(of: userID, at: clock.now) else { return nil }
        return OwnUsage(plan: standing.plan.plan, uses: try await uses(standing))
    }

    private func uses(_ standing: Standing) async throws -> [QuotaUse] {
        let now = clock.now
        let slugs = slugs
        let counted = try await meter.usage(of: .user(standing.userID))
        var uses = counted.compactMap { use -> QuotaUse? in
            // Of a service that is gone nothing is left to use.
            let slug = use.service.map { slugs[$0] }
            guard slug != .some(nil) else { return nil }
            return QuotaUse(
                service: slug ?? nil, unit: use.unit, window: use.window, used: use.used, reserved: use.reserved,
                limit: standing.plan.amount(per: use.unit, of: slug ?? nil))
        }
        for unit in WindowUnit.allCases {
            guard let limit = standing.plan.amount(per: unit, of: nil),
                !uses.contains(where: { $0.service == nil && $0.unit == unit })
            else { continue }
            uses.append(
                QuotaUse(service: nil, unit: unit, window: unit.window(at: now), used: 0, reserved: 0, limit: limit))
        }
        return uses.sorted { left, right in
            (left.service?.text ?? "", left.window.seconds) < (right.service?.text ?? "", right.window.seconds)
        }
    }

    /// By day and service, the oldest day first.
    package func daily(_ query: UsageQuery, _ part: PageRequest<DayAndService>) async throws -> DailyUsageOutcome {
        var service: ServiceID?
        if let slug = query.service {
            guard let known = services.service(slug.text) else { return .unknownService }
            service = known.id
        }
        // A day that begins now is one of those until now.
        let to = query.to ?? clock.now + .milliseconds(1)
        let from = query.from ?? to - Self.span
        let days = try await reader.use(
            of: query.subject, service: service, from: part.after.map { max(from, $0.day) } ?? from, to: to)
        return .found(Page(of: days, part, by: DayAndService.init), slugs: slugs)
    }

    private var slugs: [ServiceID: ServiceSlug] {
        Dictionary(services.all.map { ($0.id, $0.slug) }) { first, _ in first }
    }
}
