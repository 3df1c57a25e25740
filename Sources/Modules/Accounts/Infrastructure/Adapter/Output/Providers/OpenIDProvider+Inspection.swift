import AccountsApplication
import Crypto
import HTTPClient

extension OpenIDProvider: InspectableProvider {
    func inspect() async -> ProviderReport {
        var report = ProviderReport()
        report.note("configured issuer", configuration.documentIssuer)
        do throws(ProviderFault) {
            let metadata = try await published.metadata()
            report.note("issuer", metadata.issuer)
            report.note("authorization endpoint", metadata.authorizationEndpoint.text)
            report.note("token endpoint", metadata.tokenEndpoint.text)
            report.note("userinfo endpoint", metadata.userinfoEndpoint?.text ?? "none")
            report.note("client authentication", try authentication(metadata).rawValue)
            report.note("keys", metadata.jwksURI?.text ?? "none")
            let keys = try await published.currentKeys()
            let usable = keys.count(of: configuration.algorithms)
            report.note("keys that can be used", String(usable))
            let algorithms = configuration.algorithms.map(\.rawValue).sorted().joined(separator: ", ")
            report.note("algorithms", algorithms)
            if usable == 0, !configuration.algorithms.contains(.hs256) {
                report.fail("none of its keys is for one of the algorithms")
            }
        } catch {
            report.fail(error.explanation)
        }
        return report
    }
}

extension ProviderFault {
    /// For an operator.
    var explanation: String {
        switch self {
        case .denied: "it refused"
        case .unavailable: "it does not answer in time, or with something else than JSON"
        case .rejected(let reason): "its answer failed a check: \(reason)"
        case .notAllowed: "the settings do not allow it"
        case .misconfigured(let text): text
        }
    }
}
