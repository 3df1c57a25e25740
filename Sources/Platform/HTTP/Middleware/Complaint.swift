import Shared
import Synchronization

/// A warning about what may come with every request: logged once a minute.
final class Complaint: Sendable {
    private let clock: any WallClock
    private let logger: Logger
    private let last = Mutex(Timestamp(milliseconds: 0))

    init(clock: any WallClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    func make(_ message: String, _ details: KeyValuePairs<String, LogValue>) {
        let now = clock.now
        let isDue = last.withLock { moment in
            guard now - moment >= .seconds(60) || moment.isAhead(of: now) else { return false }
            moment = now
            return true
        }
        if isDue { logger.warning(message, details) }
    }
}
