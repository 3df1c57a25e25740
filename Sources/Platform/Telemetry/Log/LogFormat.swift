/// How a log line is written; the raw values are those of `LOG_FORMAT`.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: `2026-11-21T09:30:00.123Z INFO message key=value`.
    case text
    /// For collectors: one JSON object per line.
    case json
}
