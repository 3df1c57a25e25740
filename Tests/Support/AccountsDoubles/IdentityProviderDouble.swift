import AccountsApplication
import AccountsDomain
import Shared
import Synchronization
import Testing

/// Vouches for whomever a test says.
package final class IdentityProviderDouble: IdentityProvider {
    package typealias Exchange =
        @Sendable (_ callback: ProviderCallback, _ flow: FlowRequest) async -> Result<ExternalProfile, ProviderFault>

    package let name: ProviderName
    package let label: String
    package let capabilities: ProviderCapabilities
    package let issuer: String?
    private let state: Mutex<State>

    private struct State {
        var exchange: Exchange
        var requests: [FlowRequest] = []
    }

    /// - Parameter exchange: without one nothing may be exchanged.
    package init(
        _ name: ProviderName = .google, label: String = "Google", issuer: String? = "https://issuer.example",
        capabilities: ProviderCapabilities = ProviderCapabilities(nonce: true, pkce: true),
        exchange: Exchange? = nil
    ) {
        self.name = name
        self.label = label
        self.issuer = issuer
        self.capabilities = capabilities
        state = Mutex(State(exchange: exchange ?? Self.unplanned))
    }

    private static let unplanned: Exchange = { _, _ in
        Issue.record("an exchange was not planned")
        return .failure(.misconfigured("not planned"))
    }

    /// From now on.
    package func answer(_ exchange: @escaping Exchange) { state.withLock { $0.exchange = exchange } }

    /// From now on, everybody is this one.
    package func vouch(for profile: ExternalProfile) {
        answer { _, _ in .success(profile) }
    }

    package func fail(_ fault: ProviderFault) {
        answer { _, _ in .failure(fault) }
    }

    /// What was exchanged, in order.
    package var exchanged: [FlowRequest] { state.withLock { $0.requests } }

    package func authorization(for flow: FlowRequest) async throws(ProviderFault) -> String {
        "https://issuer.example/authorize?state=\(flow.state)&nonce=\(flow.nonce)&redirect_uri=\(flow.redirectURI)"
    }

    package func exchange(
        _ callback: ProviderCallback, flow: FlowRequest
    ) async throws(ProviderFault) -> ExternalProfile {
        let exchange = state.withLock { state in
            state.requests.append(flow)
            return state.exchange
        }
        return try await exchange(callback, flow).get()
    }
}

extension ExternalProfile {
    package static func double(
        _ subject: String = "subject-1", email: String? = "ana@example.com", trust: EmailTrust = .authoritative,
        issuer: String = "https://issuer.example", claims: IdentityClaims = IdentityClaims(),
        authTime: Timestamp? = nil, methods: [String] = []
    ) -> ExternalProfile {
        ExternalProfile(
            issuer: issuer, subject: subject, email: email.flatMap { EmailAddress($0) }, emailTrust: trust,
            claims: claims, authTime: authTime, methods: methods)
    }
}
