import Commands
import Composition
import SQL
import SQLite
import Shared

/// A command of a module, which opens an installation of its own when it has looked at what it was given.
struct ModuleCommand: Command {
    /// As it is known without an installation.
    private let described: any Command

    init(_ described: any Command) {
        self.described = described
    }

    var name: String { described.name }
    var parameters: [String] { described.parameters }
    var summary: String { described.summary }
    var details: String { described.details }
    var printsData: Bool { described.printsData }
    var options: [CommandOption] { described.options }
    var flags: [String] { described.flags }

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let settings = try SettingsLoader.load()
        guard let command = settings.modules.flatMap(\.commands).first(where: { $0.name == name }) else {
            throw InternalFailure("no module has the command \(name)")
        }
        let installation = Provided<Installation>()
        let opening = Invocation(
            values: invocation.values, wantsJSON: invocation.wantsJSON, options: invocation.options,
            flags: invocation.flags
        ) {
            installation.provide(try await Installation(settings, logger: .silent))
        }
        let result: Result<ExitCode, any Error>
        do {
            result = .success(try await command.run(opening))
        } catch {
            result = .failure(error)
        }
        await (try? installation.get())?.database.close()
        return try result.get()
    }
}
