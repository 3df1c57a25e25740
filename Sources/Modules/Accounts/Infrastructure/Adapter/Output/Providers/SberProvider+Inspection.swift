import AccountsApplication
import HTTPClient

extension SberProvider: InspectableProvider {
    func inspect() async -> ProviderReport {
        var report = ProviderReport()
        report.note("issuer of id_tokens", configuration.issuer)
        report.note("authorization endpoint", configuration.authorizationEndpoint.text)
        report.note("token endpoint", configuration.tokenEndpoint.text)
        report.note("userinfo endpoint", configuration.userinfoEndpoint.text)
        do throws(ProviderFault) {
            // The handshake with our certificate is what can go wrong; without a token it says no.
            switch try await calls.get(
                configuration.userinfoEndpoint, "userinfo", headers: [("x-introspect-rquid", requestNumber)])
            {
            case .refusal(let status, _): report.note("userinfo without a token", String(status))
            case .document: report.fail("the userinfo endpoint answers without a token")
            }
        } catch {
            report.fail(error.explanation)
        }
        return report
    }
}
