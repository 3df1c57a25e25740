import AccountsApplication
import HTTPClient

extension GitHubProvider: InspectableProvider {
    func inspect() async -> ProviderReport {
        var report = ProviderReport()
        report.note("authorization endpoint", configuration.authorizationEndpoint.text)
        report.note("token endpoint", configuration.tokenEndpoint.text)
        report.note("user endpoint", configuration.userEndpoint.text)
        do throws(ProviderFault) {
            // Without a token it answers, and says no.
            guard case .refusal(let status, _) = try await calls.get(configuration.userEndpoint, "user") else {
                report.fail("the user endpoint answers without a token: it is not GitHub's")
                return report
            }
            report.note("user endpoint without a token", String(status))
        } catch {
            report.fail(error.explanation)
        }
        return report
    }
}
