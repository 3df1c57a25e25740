import Shared
import Synchronization

struct FixedClock: WallClock {
    let now: Timestamp
}

final class CapturingSink: LogSink {
    private let captured = Mutex<[LogEntry]>([])

    var entries: [LogEntry] { captured.withLock { $0 } }

    func write(_ entry: LogEntry) {
        captured.withLock { $0.append(entry) }
    }
}
