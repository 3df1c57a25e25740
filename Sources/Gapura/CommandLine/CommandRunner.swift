import Commands
import Composition
import DatabaseCopy
import HTTPServer
import SQL
import SQLite
import Shared

/// Finds the command, runs it, and makes an exit code and one message of every failure.
struct CommandRunner: Sendable {
    static let all: [any Command] =
        [InitCommand(), ServeCommand(), WorkerCommand(), MigrateUpCommand(), MigrateStatusCommand()]
        + Modules.described.flatMap(\.commands).map { ModuleCommand($0) }
        + [
            EventsStatusCommand(), EventsDeadLettersCommand(), EventsReplayCommand(), EventsDiscardCommand(),
            EventsCatalogueCommand(), EventGroupsListCommand(), EventGroupsRemoveCommand(), JobsListCommand(),
            JobsRetryCommand(),
            JobsCancelCommand(), JobsPauseCommand(), JobsResumeCommand(), AuditVerifyCommand(), AuditExportCommand(),
            CopyCommand(), RoutesCommand(), OpenAPICommand(), SettingsCommand(), VersionCommand(),
        ]

    let commands: [any Command]

    func run(_ arguments: [String]) async -> ExitCode {
        let parsed = ParsedArguments(arguments, valued: Set(commands.flatMap(\.options).map(\.name)))
        let words = parsed.words
        if words.isEmpty || words.first == "help" || !parsed.flags.isDisjoint(with: ["--help", "-h"]) {
            return help(on: words.filter { $0 != "help" })
        }
        if let incomplete = parsed.incomplete { return refuse("\(incomplete) needs a value") }
        guard let (command, values) = find(words) else {
            return refuse("unknown command: \(words.joined(separator: " "))")
        }
        let known = Set(command.flags + (command.printsData ? ["--json"] : []))
        let foreign = Set(parsed.options.keys).subtracting(command.options.map(\.name))
        if let unknown = parsed.flags.subtracting(known).union(foreign).sorted().first {
            return refuse("\(command.name) has no option \(unknown)")
        }
        guard values.count == command.parameters.count else {
            return refuse("usage: gapura \(usage(of: command))")
        }
        do {
            return try await command.run(
                Invocation(
                    values: values, wantsJSON: parsed.flags.contains("--json"), options: parsed.options,
                    flags: parsed.flags))
        } catch {
            let failure = explain(error)
            Console.writeError("gapura: \(failure.message)")
            return failure.code
        }
    }

    /// The longest name that the words start with; `migrate` alone is `migrate up`.
    private func find(_ words: [String]) -> (any Command, values: [String])? {
        for length in [3, 2, 1] where words.count >= length {
            let name = words.prefix(length).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name }) {
                return (command, Array(words.dropFirst(length)))
            }
        }
        return words == ["migrate"] ? (MigrateUpCommand(), []) : nil
    }

    private func refuse(_ message: String) -> ExitCode {
        Console.writeError("gapura: \(message)\nSee gapura help.")
        return .usage
    }

    private func explain(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let failure as SQLiteOpenFailure: CommandFailure(code: .unavailable, message: failure.description)
        case let failure as SQLiteLockFailure: CommandFailure(code: .unavailable, message: failure.description)
        case let failure as ListenFailure: CommandFailure(code: .unavailable, message: failure.description)
        case let failure as Unavailable where failure.resource == "database":
            CommandFailure(code: .unavailable, message: "DATABASE_URL: \(failure)")
        case let failure as Unavailable: CommandFailure(code: .unavailable, message: failure.description)
        case let failure as CopyRefusal: CommandFailure(code: .failure, message: failure.description)
        case let failure as MigrationRefusal: CommandFailure(code: .configuration, message: failure.description)
        default: CommandFailure(code: .software, message: "unexpected failure: \(error)")
        }
    }

    private func help(on words: [String]) -> ExitCode {
        guard !words.isEmpty else {
            Console.write(overview)
            return .success
        }
        guard let (command, _) = find(words) else {
            let named = commands.filter { $0.name.hasPrefix(words[0] + " ") }
            guard words.count == 1, !named.isEmpty else {
                return refuse("unknown command: \(words.joined(separator: " "))")
            }
            Console.write(named.map { "gapura \(usage(of: $0))\n    \($0.summary)" }.joined(separator: "\n"))
            return .success
        }
        var text = "gapura \(usage(of: command))\n\n\(command.summary)"
        if !command.details.isEmpty { text += "\n\n\(command.details)" }
        if command.printsData { text += "\n\n--json prints data for programs." }
        Console.write(text)
        return .success
    }

    private func usage(of command: any Command) -> String {
        let options =
            command.options.map { "[\($0.name) \($0.value)]" }
            + (command.flags + (command.printsData ? ["--json"] : [])).map { "[\($0)]" }
        return ([command.name] + command.parameters + options).joined(separator: " ")
    }

    private var overview: String {
        let width = commands.map { usage(of: $0).count }.max() ?? 0
        let lines = commands.map { command in
            let usage = usage(of: command)
            return "  \(usage)\(String(repeating: " ", count: width - usage.count))  \(command.summary)"
        }
        return """
            Gapura \(Version.current): one gate for all your services.

            \(lines.joined(separator: "\n"))
              help [COMMAND]

            Configuration comes from environment variables over env/.env.<APP_ENV>; env/.env.example documents them.
            Exit codes: 0 done, 1 no, 64 wrong usage, 69 something is unavailable, 70 a defect, 78 wrong configuration.
            """
    }
}
