import AccountsApplication
import AccountsInfrastructure
import JSON
import SQL
import SQLite
import Shared

struct RotateKeysCommand: Command {
    let name = "keys rotate"
    let summary = "Publish a new signing key, which signs in an hour; or end one at once."
    let details = """
        --revoke KID ends a key at once: every token that it signed is refused, on every process within a second. \
        Exit code 1 if there is no such key.
        """
    let printsData = true
    let options = [CommandOption(name: "--revoke", value: "KID")]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let installation = try await Installation(try SettingsLoader.load(), logger: .silent)
        let keys = installation.accounts.keys
        let result: (kid: String, action: String, code: ExitCode)
        if let kid = invocation.options["--revoke"] {
            let isKnown = try await keys.revoke(kid)
            result = (kid, isKnown ? "revoked" : "unknown", isKnown ? .success : .failure)
        } else {
            result = (try await keys.rotate(), "published", .success)
        }
        await installation.database.close()
        if invocation.wantsJSON {
            let data: JSONValue = ["kid": .string(result.kid), "action": .string(result.action)]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else {
            Console.write("\(result.action) \(result.kid)")
        }
        return result.code
    }
}
