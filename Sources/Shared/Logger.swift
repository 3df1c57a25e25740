/// How much a log line matters.
package enum LogLevel: String, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// A value of a log line. Secrets and addresses of people do not belong into one; `EmailAddress` prints masked.
package enum LogValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(_ value: some CustomStringConvertible) { self = .text(value.description) }
    package init(_ value: Int) { self = .integer(Int64(value)) }
}

/// One line, before it is written.
package struct LogEntry: Sendable {
    package let level: LogLevel
    package let message: String
    package let fields: [(name: String, value: LogValue)]
}

/// Where log lines go.
package protocol LogSink: Sendable {
    func write(_ entry: LogEntry)
}

/// Writes structured lines: a constant message and named values.
package struct Logger: Sendable {
    package let level: LogLevel
    private let sink: any LogSink
    private let context: [(name: String, value: LogValue)]

    package init(level: LogLevel, sink: any LogSink) {
        self.init(level: level, sink: sink, context: [])
    }

    private init(level: LogLevel, sink: any LogSink, context: [(name: String, value: LogValue)]) {
        self.level = level
        self.sink = sink
        self.context = context
    }

    /// A logger whose every line also has this value.
    package func with(_ name: String, _ value: LogValue) -> Logger {
        Logger(level: level, sink: sink, context: context + [(name, value)])
    }

    package func debug(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.debug, message, fields)
    }

    package func info(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.info, message, fields)
    }

    package func warning(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.warning, message, fields)
    }

    package func error(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.error, message, fields)
    }

    package func log(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue>) {
        guard level >= self.level else { return }
        let named = fields.map { (name: $0.key, value: $0.value) }
        sink.write(LogEntry(level: level, message: message, fields: context + named))
    }
}

/// Drops every line.
package struct SilentLogSink: LogSink {
    package init() {}
    package func write(_: LogEntry) {}
}

extension Logger {
    package static let silent = Logger(level: .error, sink: SilentLogSink())
}
