import AccessApplication
import Commands
import Composition
import JSON

struct ResetQuotaCommand: Command {
    let name = "quota reset"
    let parameters = ["SUBJECT"]
    let summary = "Forget what somebody has used, so that the limits of the day begin anew."
    let details = """
        SUBJECT is a user's id or e-mail address, service_account:ID, or the network address of who is not signed in. \
        Servers that run hear of it within a second. Exit code 1 if there is no such user or service account.
        """
    let printsData = true
    let access: Provided<AccessModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let subject = invocation.values[0]
        try await invocation.open()
        let outcome = try await access.get().resetQuota(subject)
        guard case .reset(let subjects) = outcome else {
            Console.writeError("gapura: SUBJECT is neither a user nor a service account nor an address: \(subject)")
            return .failure
        }
        if invocation.wantsJSON {
            let data: JSONValue = ["subject": .string(subject), "counters": .integer(Int64(subjects.count))]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else {
            Console.write("reset \(subject)")
        }
        return .success
    }
}
