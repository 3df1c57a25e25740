import Commands
import JSON
import Shared

struct SettingsCommand: Command {
    let name = "settings"
    let summary = "List the variables that are read, and which are set."
    let details = """
        A variable is set if the environment or env/.env.<APP_ENV> gives it a value that is not empty. No value is
        printed, and none has to be right.
        """
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let variables = try SettingsLoader.variables()
        if invocation.wantsJSON {
            let rows = variables.map { ["name": .string($0.name), "set": .bool($0.isSet)] as JSONValue }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            for variable in variables { Console.write("\(variable.isSet ? "set" : "-  ")  \(variable.name)") }
        }
        return .success
    }
}
