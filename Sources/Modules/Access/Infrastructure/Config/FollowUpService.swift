import AccessApplication
import Lifecycle
import Shared

/// Does what decisions left to be done, every second and once more at the end.
struct FollowUpService: Service {
    let record: RecordFollowUpsService
    let logger: Logger

    var name: String { "access follow-ups" }

    func run(_ lifecycle: ServiceLifecycle) async throws {
        // Nobody signals: a flood of refusals becomes one unit of work a second.
        try await PollingService(name, interval: .seconds(1), logger: logger) {
            try await record()
            return 0
        }.run(lifecycle)
        do {
            try await record()
        } catch {
            logger.warning("follow-ups lost", ["cause": .text("\(error)")])
        }
    }
}
