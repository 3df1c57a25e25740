import AccountsApplication
import Commands
import Composition
import JSON

struct RotateKeysCommand: Command {
    let name = "keys rotate"
    let summary = "Publish a new signing key, which signs in an hour; or end one at once."
    let details = """
        --revoke KID ends a key at once: every token that it signed is refused, on every process within a second. \
        Exit code 1 if there is no such key.
        """
    let printsData = true
    let options = [CommandOption(name: "--revoke", value: "KID")]
    let accounts: Provided<AccountsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await invocation.open()
        let keys = try accounts.get().keys
        let result: (kid: String, action: String, code: ExitCode)
        if let kid = invocation.options["--revoke"] {
            let isKnown = try await keys.revoke(kid)
            result = (kid, isKnown ? "revoked" : "unknown", isKnown ? .success : .failure)
        } else {
            result = (try await keys.rotate(), "published", .success)
        }
        if invocation.wantsJSON {
            let data: JSONValue = ["kid": .string(result.kid), "action": .string(result.action)]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else {
            Console.write("\(result.action) \(result.kid)")
        }
        return result.code
    }
}
