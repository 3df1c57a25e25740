import Shared
import Synchronization

/// Keeps every line for a test to look at.
package final class RecordingLogSink: LogSink {
    private let recorded = Mutex<[LogEntry]>([])

    package init() {}

    package var entries: [LogEntry] { recorded.withLock { $0 } }
    package var messages: [String] { entries.map(\.message) }

    /// A logger at `level` that writes here.
    package func logger(level: LogLevel = .debug) -> Logger { Logger(level: level, sink: self) }

    package func write(_ entry: LogEntry) {
        recorded.withLock { $0.append(entry) }
    }
}

extension LogEntry {
    /// The value of a field; nil if the line has none of this name.
    package subscript(name: String) -> LogValue? { fields.first { $0.name == name }?.value }
}
