import AccessContract
import AccessDomain
import Shared

/// What was used, and what is left.
package struct ReadUsageService: Sendable {
    private let work: any AccessWork
    private let meter: any Meter
    private let reader: any UsageReader
    private let services: any ServiceDirectory
    private let standings: any StandingDirectory
    private let clock: any WallClock

    /// How far a question without a beginning looks back.
    private static let span: Duration = .seconds(30 * 86_400)

    package init(
        work: any AccessWork, meter: any Meter, reader: any UsageReader, services: any ServiceDirectory,
        standings: any StandingDirectory, clock: any WallClock
    ) {
        self.work = work
        self.meter = meter
        self.reader = reader
        self.services = services
        self.standings = standings
        self.clock = clock
    }

    /// In the windows that are open: every limit of the plan, and whatever else was counted.
    ///
    /// - Returns: nil if the account is gone.
    package func own(_ principal: Principal) async throws -> OwnUsage? {
        let now = clock.now
        let id = principal.userID
        if principal.isServiceAccount {
            let account = ServiceAccountID(id)
            guard let standing = try await standings.standing(ofServiceAccount: account, at: now) else { return nil }
            return try await usage(of: .serviceAccount(account), standing.plan, at: now)
        }
        guard let standing = try await standings.standing(of: id, at: now) else { return nil }
        return try await usage(of: .user(id), standing.plan, at: now)
    }

    private func usage(of subject: MeterSubject, _ plan: EffectivePlan, at now: Timestamp) async throws -> OwnUsage {
        OwnUsage(plan: plan.plan, uses: try await uses(of: subject, plan, at: now))
    }

    private func uses(
        of subject: MeterSubject, _ plan: EffectivePlan, at now: Timestamp
    ) async throws -> [QuotaUse] {
        let slugs = slugs
        let counted = try await meter.usage(of: subject)
        var uses = counted.compactMap { use -> QuotaUse? in
            // Of a service that is gone nothing is left to use.
            let slug = use.service.map { slugs[$0] }
            guard slug != .some(nil) else { return nil }
            return QuotaUse(
                service: slug ?? nil, unit: use.unit, window: use.window, used: use.used, reserved: use.reserved,
                limit: plan.amount(per: use.unit, of: slug ?? nil))
        }
        for unit in WindowUnit.allCases {
            guard let limit = plan.amount(per: unit, of: nil),
                !uses.contains(where: { $0.service == nil && $0.unit == unit })
            else { continue }
            uses.append(
                QuotaUse(service: nil, unit: unit, window: unit.window(at: now), used: 0, reserved: 0, limit: limit))
        }
        return uses.sorted { left, right in
            (left.service?.text ?? "", left.window.seconds) < (right.service?.text ?? "", right.window.seconds)
        }
    }

    /// By day and service, the oldest day first; of a key by day. A key's owner sees what it has used, and all else is
    /// for staff.
    package func daily(
        _ query: UsageQuery, _ part: PageRequest<DayAndService>, for principal: Principal
    ) async throws -> DailyUsageOutcome {
        if let key = query.key { return try await daily(of: key, query, part, for: principal) }
        guard principal.may(AccessPermission.usageRead) else { return .permissionDenied }
        var service: ServiceID?
        if let slug = query.service {
            guard let known = services.service(slug.text) else { return .unknownService }
            service = known.id
        }
        let (from, to) = bounds(query, part)
        let days = try await reader.use(of: query.subject, service: service, from: from, to: to)
        return .found(Page(of: days, part, by: DayAndService.init), slugs: slugs)
    }

    private func daily(
        of id: APIKeyID, _ query: UsageQuery, _ part: PageRequest<DayAndService>, for principal: Principal
    ) async throws -> DailyUsageOutcome {
        let (from, to) = bounds(query, part)
        return try await work.read { context in
            guard let key = try context.apiKeys.find(id), principal.hasUseOf(key) else { return .unknownKey }
            let days = try context.keyUses.days(of: id, from: from, to: to).map {
                DailyUse(day: $0.place.day, service: nil, used: $0.used)
            }
            return .found(Page(of: days, part, by: DayAndService.init), slugs: [:])
        }
    }

    private func bounds(_ query: UsageQuery, _ part: PageRequest<DayAndService>) -> (from: Timestamp, to: Timestamp) {
        // A day that begins now is one of those until now.
        let to = query.to ?? clock.now + .milliseconds(1)
        let from = query.from ?? to - Self.span
        return (part.after.map { max(from, $0.day) } ?? from, to)
    }

    private var slugs: [ServiceID: ServiceSlug] {
        Dictionary(services.all.map { ($0.id, $0.slug) }) { first, _ in first }
    }
}

extension Principal {
    /// Whether they see what a key has used: the owner, also by a key; else staff.
    fileprivate func hasUseOf(_ key: APIKey) -> Bool {
        let owner = isServiceAccount ? key.owner.serviceAccountID?.value : key.owner.userID
        return owner == userID || may(AccessPermission.usageRead)
    }
}
