import JSON
import Shared

/// A log entry as bytes: one line, with its line feed and no other. No message, name or value can start a second one.
package enum LogLine {
    /// A longer text value or message is cut, so that no input can fill the disk with one line.
    package static let textBytesMax = 4_096

    package static func render(_ entry: LogEntry, at time: Timestamp, as format: LogFormat) -> [UInt8] {
        switch format {
        case .text: text(entry, at: time)
        case .json: json(entry, at: time)
        }
    }

    private static func text(_ entry: LogEntry, at time: Timestamp) -> [UInt8] {
        var line = "\(time) \(entry.level.rawValue.uppercased()) \(LogText.escaped(cut(entry.message)))"
        for field in entry.fields {
            line += " \(LogText.token(field.name))="
            switch field.value {
            case .text(let text): line += LogText.token(cut(text))
            case .integer(let integer): line += String(integer)
            case .number(let number): line += number.description
            case .flag(let flag): line += flag ? "true" : "false"
            }
        }
        return Array(line.utf8) + [0x0A]
    }

    private static func json(_ entry: LogEntry, at time: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("time")
            writer.string(time.description)
            writer.key("level")
            writer.string(entry.level.rawValue)
            writer.key("message")
            writer.string(cut(entry.message))
            for field in uniqueFields(entry) {
                writer.key(field.name)
                switch field.value {
                case .text(let text): writer.string(cut(text))
                case .integer(let integer): writer.integer(integer)
                case .number(let number): writer.number(number)
                case .flag(let flag): writer.bool(flag)
                }
            }
        }
        return writer.bytes + [0x0A]
    }

    /// An object must not have a name twice: the last value of a name counts, and a field that is named like one of
    /// the line's own members gets an underscore.
    private static func uniqueFields(_ entry: LogEntry) -> [(name: String, value: LogValue)] {
        var fields: [(name: String, value: LogValue)] = []
        for field in entry.fields {
            let isReserved = field.name == "time" || field.name == "level" || field.name == "message"
            let name = isReserved ? "_\(field.name)" : field.name
            fields.removeAll { $0.name == name }
            fields.append((name, field.value))
        }
        return fields
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textBytesMax else { return text }
        return String(decoding: text.utf8.prefix(textBytesMax - 3), as: UTF8.self) + "..."
    }
}
