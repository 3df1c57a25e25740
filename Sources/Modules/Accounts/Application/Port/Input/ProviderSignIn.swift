import AccountsContract
import AccountsDomain
import Shared

package struct StartFlowCommand: Sendable {
    package let provider: ProviderName
    package let intent: ProviderFlow.Intent
    /// Checked by `ReturnRules`.
    package let returnTo: ReturnTarget?
    /// Of an app: 32 bytes.
    package let challenge: [UInt8]?
    /// At most 64 bytes.
    package let invitation: String?
    /// Of the provider's page.
    package let language: String?

    package init(
        provider: ProviderName, intent: ProviderFlow.Intent = .signIn, returnTo: ReturnTarget? = nil,
        challenge: [UInt8]? = nil, invitation: String? = nil, language: String? = nil
    ) {
        self.provider = provider
        self.intent = intent
        self.returnTo = returnTo
        self.challenge = challenge
        self.invitation = invitation
        self.language = language
    }
}

package enum StartFlowOutcome: Sendable {
    /// - Parameter address: of the provider, where the browser goes.
    case started(ProviderFlow, address: String)
    /// It is not configured.
    case unknownProvider
    case failed(ProviderFault)
}

package struct FinishFlowCommand: Sendable {
    /// Of the cookie, open, and for this callback.
    package let flow: ProviderFlow
    package let callback: ProviderCallback
    package let client: ClientInfo
    /// The browser's session, if it has one. A new one takes its place.
    package let session: SessionCaller?
    /// Of a new account's mails and pages.
    package let locale: String

    package init(
        flow: ProviderFlow, callback: ProviderCallback, client: ClientInfo, session: SessionCaller? = nil,
        locale: String = Languages.supported[0]
    ) {
        self.flow = flow
        self.callback = callback
        self.client = client
        self.session = session
        self.locale = locale
    }
}

/// How a way through a provider ended.
package enum FinishFlowOutcome: Sendable {
    case signIn(SignInOutcome)
    /// What an app fetches its tokens with.
    case appCode(Secret<String>)
    /// An account was made, and a mail is on its way that proves its address.
    case unproved(Account)
    /// Nothing was made: the provider gave no address that counts.
    case addressNeeded(PendingIdentity)
    /// The address has an account that the identity does not open by itself.
    case accountExists
    case registrationClosed
    /// The identity is the account's, now or already.
    case linked
    /// The identity is another account's.
    case identityTaken
    /// The session's proof is fresh.
    case steppedUp(AccessToken)
    /// The account has a factor, and the provider's proof has none.
    case secondFactorDue(StepUpDemand)
    /// The identity is none of the account's.
    case identityUnknown
    /// The session that asked for it is over.
    case sessionOver
    case failed(ProviderFault)
}

/// An identity that waits for an address to be proved.
package struct PendingIdentity: Sendable, Equatable {
    package static let lifetime: Duration = .seconds(900)

    package let provider: ProviderName
    package let profile: ExternalProfile
    package let proof: SignInProof
    package let returnTo: String?
    /// Of an app that waits for its code.
    package let challenge: [UInt8]?
    package let madeAt: Timestamp

    package init(
        provider: ProviderName, profile: ExternalProfile, proof: SignInProof, returnTo: String?, challenge: [UInt8]?,
        madeAt: Timestamp
    ) {
        self.provider = provider
        self.profile = profile
        self.proof = proof
        self.returnTo = returnTo
        self.challenge = challenge
        self.madeAt = madeAt
    }

    package func isOpen(at now: Timestamp) -> Bool { now - madeAt < Self.lifetime && !madeAt.isAhead(of: now) }
}
