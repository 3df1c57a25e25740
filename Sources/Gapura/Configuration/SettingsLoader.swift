import Configuration
import FoundationEssentials

/// Reads the settings from the process environment over `env/.env.<APP_ENV>`.
enum SettingsLoader {
    /// - Parameter overrides: variables that count more than those of the environment; empty means absent.
    /// - Throws: `CommandFailure` with every problem at once.
    static func load(overriding overrides: [String: String] = [:]) throws -> AppSettings {
        let variables = ProcessInfo.processInfo.environment.merging(overrides) { _, given in given }
        let name = variables["APP_ENV"].flatMap { $0.isEmpty ? nil : $0 } ?? AppEnvironment.production.rawValue
        guard let environment = AppEnvironment(rawValue: name) else {
            throw failure(["APP_ENV must be one of: production, development, test"])
        }
        let defaults = try fileVariables("env/.env.\(environment.rawValue)")
        let values = defaults.merging(variables) { _, given in given }
        var reader = SettingsReader(values: values, readFile: text)
        let settings = AppSettings(&reader, environment: environment)
        guard reader.failures.isEmpty else { throw failure(reader.failures.map(\.description)) }
        return settings
    }

    private static func fileVariables(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
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

    private static func failure(_ problems: [String]) -> CommandFailure {
        CommandFailure(
            code: .configuration,
            message: "the configuration is not valid\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
    }
}
