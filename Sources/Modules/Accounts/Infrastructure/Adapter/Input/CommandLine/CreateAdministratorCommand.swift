import AccountsApplication
import Commands
import Composition
import JSON
import Shared

struct CreateAdministratorCommand: Command {
    let name = "admin create"
    let parameters = ["EMAIL"]
    let summary = "Print a link by which this address becomes an administrator. It works once, for one hour."
    let printsData = true
    let accounts: Provided<AccountsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        guard let email = EmailAddress(invocation.values[0]) else {
            throw CommandFailure(code: .usage, message: "EMAIL must be a valid e-mail address")
        }
        try await invocation.open()
        let link = try await accounts.get().administrators.invite(email: email)
        if invocation.wantsJSON {
            let data: JSONValue = ["email": .string(email.text), "link": .string(link)]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else {
            Console.write(link)
        }
        return .success
    }
}
