import Commands
import Configuration
import FoundationEssentials
import Glibc

/// Reads the settings from the process environment over `env/.env.<APP_ENV>`.
enum SettingsLoader {
    /// A variable that the program reads.
    struct Variable {
        let name: String
        /// Whether it has a value, whatever that is.
        let isSet: Bool
    }

    /// - Parameter overrides: variables that count more than those of the environment; empty means absent.
    /// - Throws: `CommandFailure` with every problem at once.
    static func load(overriding overrides: [String: String] = [:]) throws -> AppSettings {
        let (settings, reader) = try read(overriding: overrides)
        guard reader.failures.isEmpty else { throw failure(reader.failures.map(\.description)) }
        return settings
    }

    /// Every variable that is read, by name. Their values may be wrong.
    static func variables() throws -> [Variable] {
        let (_, reader) = try read()
        return Set(reader.names).sorted().map { Variable(name: $0, isSet: reader.isSet($0)) }
    }

    private static func read(
        overriding overrides: [String: String] = [:]
    ) throws -> (settings: AppSettings, reader: SettingsReader) {
        let variables = ProcessInfo.processInfo.environment.merging(overrides) { _, given in given }
        let name = variables["APP_ENV"].flatMap { $0.isEmpty ? nil : $0 } ?? AppEnvironment.production.rawValue
        guard let environment = AppEnvironment(rawValue: name) else {
            throw failure(["APP_ENV must be one of: production, development, test"])
        }
        var values = try fileVariables("env/.env.\(environment.rawValue)").merging(variables) { _, given in given }
        // The file was chosen by it, so it cannot be in there.
        values["APP_ENV"] = variables["APP_ENV"]
        var reader = SettingsReader(values: values, readFile: text)
        _ = reader.text("APP_ENV")
        return (AppSettings(&reader, environment: environment), reader)
    }

    private static func fileVariables(_ path: String) throws -> [String: String] {
        // A folder that may not be looked into is no folder without the file.
        guard access(path, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno) else { return [:] }
        do {
            return try EnvironmentFile.parse(try text(path))
        } catch let error as EnvironmentFile.Malformed {
            throw failure(["\(path) line \(error.line) is not NAME=value"])
        } catch {
            throw failure(["\(path) cannot be read"])
        }
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }

    static func failure(_ problems: [String]) -> CommandFailure {
        CommandFailure(
            code: .configuration,
            message: "the configuration is not valid\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
    }
}
