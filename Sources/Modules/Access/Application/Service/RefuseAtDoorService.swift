import AccessContract
import AccessDomain
import Shared

package struct RefuseAtDoorService: RefuseAtDoor {
    private let services: any ServiceDirectory
    private let journal: DecisionJournal
    private let clock: any WallClock

    package init(services: any ServiceDirectory, journal: DecisionJournal, clock: any WallClock) {
        self.services = services
        self.journal = journal
        self.clock = clock
    }

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
