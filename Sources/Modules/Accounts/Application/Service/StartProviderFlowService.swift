import AccountsContract
import AccountsDomain
import Shared

/// Sends a browser to another company to sign in there.
package struct StartProviderFlowService: Sendable {
    private let requests: FlowRequests
    private let clock: any WallClock
    private let random: any RandomSource

    package init(requests: FlowRequests, clock: any WallClock, random: any RandomSource) {
        self.requests = requests
        self.clock = clock
        self.random = random
    }

    package func callAsFunction(_ command: StartFlowCommand) async -> StartFlowOutcome {
        guard let provider = requests.providers[command.provider] else { return .unknownProvider }
        // Others would answer with the sign-in of this morning.
        if case .stepUp = command.intent, !provider.capabilities.refreshesAuthTime { return .unknownProvider }
        let flow = ProviderFlow(
            provider: command.provider, intent: command.intent, startedAt: clock.now,
            state: random.bytes(ProviderFlow.stateByteCount),
            secret: Secret(random.bytes(ProviderFlow.secretByteCount)), issuer: provider.issuer,
            returnTo: command.returnTo?.text, challenge: command.challenge, invitation: command.invitation)
        do throws(ProviderFault) {
            let address = try await provider.authorization(
                for: requests.request(for: flow, at: provider, language: command.language))
            return .started(flow, address: address)
        } catch {
            return .failed(error)
        }
    }
}

/// Makes of a flow what a provider is asked, the same at its start and at its end.
package struct FlowRequests: Sendable {
    let providers: IdentityProviders
    private let protection: any FlowProtection
    private let appURL: String

    /// - Parameter appURL: without a slash at the end.
    package init(providers: IdentityProviders, protection: any FlowProtection, appURL: String) {
        self.providers = providers
        self.protection = protection
        self.appURL = appURL
    }

    func request(for flow: ProviderFlow, at provider: any IdentityProvider, language: String?) -> FlowRequest {
        FlowRequest(
            state: flow.stateText, nonce: protection.nonce(of: flow), verifier: protection.verifier(of: flow),
            redirectURI: provider.redirectURI ?? "\(appURL)/auth/social/callback/\(flow.provider.segment)",
            maxAge: flow.intent.asksForProof ? .zero : nil, language: language, startedAt: flow.startedAt)
    }
}

extension ProviderFlow.Intent {
    /// Whether the provider has to ask its person for the password again.
    fileprivate var asksForProof: Bool { if case .stepUp = self { true } else { false } }
}
