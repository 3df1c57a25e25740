import Shared

/// Reads typed settings from named values and collects every problem, so that one start tells them all.
package struct SettingsReader {
    /// What is wrong with one variable. Never has the value: it may be a secret.
    package struct Failure: Sendable, Equatable, CustomStringConvertible {
        package let name: String
        package let message: String

        package var description: String { "\(name) \(message)" }
    }

    private let values: [String: String]
    private let readFile: (String) throws -> String
    package private(set) var failures: [Failure] = []
    /// Every variable asked for, in that order; one may stand twice.
    package private(set) var names: [String] = []

    /// - Parameters:
    ///   - values: the variables; an empty value counts as absent.
    ///   - readFile: the text of the file that a `..._FILE` variable names.
    package init(values: [String: String], readFile: @escaping (String) throws -> String) {
        self.values = values.filter { !$0.value.isEmpty }
        self.readFile = readFile
    }

    /// Whether a variable has a value, right or wrong.
    package func isSet(_ name: String) -> Bool { values[name] != nil }

    /// The variables that have a value and whose name begins so, sorted.
    package func names(beginningWith prefix: String) -> [String] {
        values.keys.filter { $0.hasPrefix(prefix) }.sorted()
    }

    package mutating func text(_ name: String) -> String? {
        names.append(name)
        return values[name]
    }

    package mutating func text(_ name: String, default: String) -> String { text(name) ?? `default` }

    /// A secret, given directly or by `<name>_FILE`; never both.
    package mutating func secret(_ name: String) -> Secret<String>? {
        names += [name, "\(name)_FILE"]
        switch (values[name], values["\(name)_FILE"]) {
        case (nil, nil): return nil
        case (let value?, nil): return Secret(value)
        case (nil, let path?):
            do {
                return Secret(trimmed(try readFile(path)))
            } catch {
                fail("\(name)_FILE", "names a file that cannot be read")
                return nil
            }
        case (_?, _?):
            fail(name, "is given twice: directly and by \(name)_FILE")
            return nil
        }
    }

    /// The path of a file that is there and can be read as text.
    package mutating func path(_ name: String) -> String? {
        guard let path = text(name) else { return nil }
        do {
            _ = try readFile(path)
            return path
        } catch {
            fail(name, "names a file that cannot be read")
            return nil
        }
    }

    /// The text of the file that a variable names, as a secret.
    package mutating func file(_ name: String) -> Secret<String>? {
        guard let path = text(name) else { return nil }
        do {
            return Secret(try readFile(path))
        } catch {
            fail(name, "names a file that cannot be read")
            return nil
        }
    }

    package mutating func integer(_ name: String, default: Int, in range: ClosedRange<Int>) -> Int {
        value(name, default: `default`, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func duration(_ name: String, default: Duration) -> Duration {
        value(name, default: `default`, "must be a duration such as 30s, 15m, 12h or 30d") { Duration(text: $0) }
    }

    /// How long something stays, in days.
    package mutating func days(_ name: String, default: Int, in range: ClosedRange<Int>) -> Duration {
        let (least, most) = (Duration.seconds(range.lowerBound * 86_400), Duration.seconds(range.upperBound * 86_400))
        let expected = "must be a duration from \(range.lowerBound)d to \(range.upperBound)d, such as \(`default`)d"
        return value(name, default: .seconds(`default` * 86_400), expected) { text in
            Duration(text: text).flatMap { least <= $0 && $0 <= most ? $0 : nil }
        }
    }

    package mutating func size(_ name: String, default: ByteCount, in range: ClosedRange<Int>) -> ByteCount {
        value(name, default: `default`, "must be a size such as 64KiB or 19MiB, within its bounds") { text in
            ByteCount(text: text).flatMap { range.contains($0.bytes) ? $0 : nil }
        }
    }

    package mutating func flag(_ name: String, default: Bool) -> Bool {
        value(name, default: `default`, "must be on or off") { text in
            switch text.lowercased() {
            case "on", "yes", "true", "1": true
            case "off", "no", "false", "0": false
            default: nil
            }
        }
    }

    package mutating func choice<Choice>(_ name: String, default: Choice) -> Choice
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(name, default: `default`, "must be one of: \(known)") { Choice(rawValue: $0) }
    }

    /// Values separated by commas; spaces around them do not count.
    package mutating func list<Element>(
        _ name: String, _ expected: String, _ parse: (String) -> Element?
    ) -> [Element] {
        guard let text = text(name) else { return [] }
        var elements: [Element] = []
        for part in text.split(separator: ",").map({ trimmed(String($0)) }) {
            guard let element = parse(part) else {
                fail(name, "must be a list of \(expected), separated by commas")
                return []
            }
            elements.append(element)
        }
        return elements
    }

    /// Any other type.
    package mutating func value<Value>(
        _ name: String, default: Value, _ expected: String, _ parse: (String) -> Value?
    ) -> Value {
        guard let text = text(name) else { return `default` }
        guard let value = parse(text) else {
            fail(name, expected)
            return `default`
        }
        return value
    }

    package mutating func fail(_ name: String, _ message: String) {
        failures.append(Failure(name: name, message: message))
    }

    private func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
