import AccountsApplication
import AccountsDomain
import Commands
import Composition
import JSON

struct ProvidersCheckCommand: Command {
    let name = "providers check"
    let parameters = ["NAME"]
    let summary = "Ask an identity provider, and show how it is configured and what it says of itself."
    let details = """
        NAME is google, github, sber or oidc:<name>. Shows both issuers, which have to be the same to the last \
        character, the endpoints, and which keys can be used. Nobody is signed in and no secret is sent. Exit code 1 \
        if something is wrong.
        """
    let printsData = true
    let accounts: Provided<AccountsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await invocation.open()
        let given = invocation.values[0]
        let providers = try accounts.get().providers
        guard let provider = providers[ProviderName(stored: given)] as? any IdentityProvider & InspectableProvider
        else {
            let known = providers.all.map(\.name.text).joined(separator: ", ")
            throw CommandFailure(
                code: .failure, message: "\(given) is not configured; configured: \(known.isEmpty ? "none" : known)")
        }
        let report = await provider.inspect()
        if invocation.wantsJSON {
            var data = JSONObject(
                report.facts.map { ($0.name.replacing(" ", with: "_"), .string($0.value)) })
            data["problem"] = report.problem.map { .string($0) } ?? .null
            Console.write(String(decoding: JSONValue.object(data).serialized, as: UTF8.self))
        } else {
            for (name, value) in report.facts { Console.write("\(name): \(value)") }
            Console.write(report.problem.map { "problem: \($0)" } ?? "ready")
        }
        return report.problem == nil ? .success : .failure
    }
}
