import AccessContract
import AccessDomain
import Shared

/// Two phases for long work: an amount is set aside for who may pass, and what was really used is counted at the end,
/// for who asked.
package struct SettleQuotaService: Sendable {
    private let services: any ServiceDirectory
    private let freshness: any Freshness
    private let meter: any Meter
    private let journal: DecisionJournal
    private let gate: AccessGate
    private let clock: any WallClock

    /// - Parameter perPrefix: `ANONYMOUS_PER_PREFIX`.
    package init(
        services: any ServiceDirectory, standings: any StandingDirectory, credentials: any CredentialReader,
        registry: PermissionRegistry, freshness: any Freshness, meter: any Meter, journal: DecisionJournal,
        catalog: PlanCatalog, perPrefix: Int,
        clock: any WallClock
    ) {
        self.services = services
        self.freshness = freshness
        self.meter = meter
        self.journal = journal
        self.clock = clock
        gate = AccessGate(
            standings: standings, credentials: credentials, registry: registry,
            anonymousPlan: EffectivePlan(anonymousIn: catalog), perPrefix: perPrefix)
    }

    /// - Parameters:
    ///   - key: the service's own name for the work; the same one again is the same reservation.
    ///   - caller: the key by which the service asks; it alone settles it.
    package func reserve(
        _ question: AccessQuestion, amount: Int, key: String, lifetime: Duration, caller: Identifier
    ) async throws -> ReserveAnswer {
        let now = clock.now
        try await freshness.refreshIfStale(at: now)
        guard let service = services.service(question.service) else {
            return .denied(
                journal.refused(
                    AccessGate.Refusal(reason: .serviceUnknown), question, nil, source: .reservation, at: now))
        }
        let request = ReservationRequest(
            id: journal.identifiers.next(), key: key, caller: caller, lifetime: lifetime)
        var isRepeated = false
        while true {
            var admission: AccessGate.Admission
            switch try await gate.judge(question, service, at: now) {
            case .refused(let refusal):
                return .denied(journal.refused(refusal, question, service, source: .reservation, at: now))
            case .admitted(let found): admission = found
            }
            admission.draw = admission.draw.costing(amount)
            if isRepeated { admission.draw = admission.draw.insisting }
            switch try await meter.reserve(admission.draw, request) {
            case .keyReused: return .keyReused
            case .refused(let outcome) where outcome.isOutdated && !isRepeated:
                // The plan is another one by now, and somebody else has counted by it.
                isRepeated = true
                try await freshness.refresh()
            case .refused(let outcome):
                return .denied(
                    journal.drawn(
                        outcome, admission, question, service, source: .reservation, isCounted: false, at: now))
            case .reserved(let reservation, let outcome):
                let answer = journal.drawn(
                    outcome, admission, question, service, source: .reservation,
                    isCounted: reservation.id == request.id, at: now)
                return .reserved(reservation, answer)
            }
        }
    }

    package func commit(_ id: ReservationID, used: Int, caller: Identifier) async throws -> SettleOutcome {
        try await meter.settle(id, used: .commit(max(0, used)), by: caller)
    }

    package func release(_ id: ReservationID, caller: Identifier) async throws -> SettleOutcome {
        try await meter.settle(id, used: .release, by: caller)
    }
}

extension Draw {
    /// Reservations may be larger than the cost of any one request.
    fileprivate func costing(_ amount: Int) -> Draw {
        Draw(
            drawer: drawer, burstSubject: burstSubject, service: service, rules: rules, cost: amount, version: version,
            insists: insists)
    }
}
