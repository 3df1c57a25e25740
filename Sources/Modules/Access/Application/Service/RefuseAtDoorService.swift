import AccessContract
import AccessDomain
import Shared

/// What a door refuses before the gate is asked: a gateway that nobody knows, a request that can be read in two ways.
package struct RefuseAtDoorService: Sendable {
    private let services: any ServiceDirectory
    private let journal: DecisionJournal
    private let clock: any WallClock

    package init(services: any ServiceDirectory, journal: DecisionJournal, clock: any WallClock) {
        self.services = services
        self.journal = journal
        self.clock = clock
    }

    /// Never waits; the refusal goes into the audit log in its own time.
    ///
    /// - Parameters:
    ///   - reason: `untrustedGateway`, `ambiguousRequest`, `pathTooLong` or `originNotAllowed`.
    ///   - service: as the door was asked for it.
    ///   - address: of who asks.
    package func callAsFunction(
        _ reason: DenialReason, service: String, address: NetworkAddress
    ) -> AccessAnswer {
        let question = AccessQuestion(
            credential: .none, visitor: AnonymousCaller(address: address, device: nil), service: service,
            demand: .unknownPath)
        return journal.refused(
            AccessGate.Refusal(reason: reason), question, services.service(service), source: .door, at: clock.now)
    }
}
