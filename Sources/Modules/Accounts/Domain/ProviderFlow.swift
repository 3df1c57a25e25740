import AccountsContract
import Shared

/// One way through a provider and back, as the browser's cookie keeps it.
package struct ProviderFlow: Sendable, Equatable {
    /// What the way is for.
    package enum Intent: Sendable, Equatable {
        case signIn
        /// One more way into the account of somebody who is signed in.
        case link(SessionCaller)
        /// A fresh proof for a session.
        case stepUp(SessionCaller)

        package var caller: SessionCaller? {
            switch self {
            case .signIn: nil
            case .link(let caller), .stepUp(let caller): caller
            }
        }
    }

    package static let lifetime: Duration = .seconds(600)
    package static let stateByteCount = 16
    package static let secretByteCount = 32

    package let provider: ProviderName
    package let intent: Intent
    package let startedAt: Timestamp
    /// 128 random bits; the provider sends them back.
    package let state: [UInt8]
    /// 256 random bits: nonce, verifier and the key of the result are derived from it.
    package let secret: Secret<[UInt8]>
    /// Who the provider is, if it was known at the start: an answer by another one counts for nothing.
    package let issuer: String?
    /// Where the person goes afterwards, as it was asked for.
    package let returnTo: String?
    /// Of an app that fetches its tokens with a code: SHA-256 of its verifier (RFC 7636 § 4.2).
    package let challenge: [UInt8]?
    /// An invitation's token, of at most 64 bytes.
    package let invitation: String?

    package init(
        provider: ProviderName, intent: Intent, startedAt: Timestamp, state: [UInt8], secret: Secret<[UInt8]>,
        issuer: String? = nil, returnTo: String? = nil, challenge: [UInt8]? = nil, invitation: String? = nil
    ) {
        self.provider = provider
        self.intent = intent
        self.startedAt = startedAt
        self.state = state
        self.secret = secret
        self.issuer = issuer
        self.returnTo = returnTo
        self.challenge = challenge
        self.invitation = invitation
    }

    /// As an address has it: 22 characters.
    package var stateText: String { Base64URL.encode(state) }

    package func isOpen(at now: Timestamp) -> Bool {
        now - startedAt < Self.lifetime && !startedAt.isAhead(of: now)
    }

    package static func == (left: ProviderFlow, right: ProviderFlow) -> Bool {
        left.provider == right.provider && left.intent == right.intent && left.startedAt == right.startedAt
            && left.state == right.state && left.secret.reveal() == right.secret.reveal()
            && left.issuer == right.issuer && left.returnTo == right.returnTo && left.challenge == right.challenge
            && left.invitation == right.invitation
    }
}

/// That a callback has come, and what was answered: of two that bring the same flow one acts, and both get its answer.
package struct FlowClaim: Sendable, Equatable {
    /// How long the answer can be had again.
    package static let resultLifetime: Duration = .seconds(60)
    /// How long the row is kept, so that an old callback does nothing again: longer than the cookie lives.
    package static let lifetime: Duration = .seconds(900)

    package enum State: String, Sendable {
        case running
        case done
        /// The answer is a refusal.
        case failed
    }

    /// SHA-256 of the state.
    package let hash: [UInt8]
    package var state: State
    /// Sealed with the flow's secret; nil while it runs.
    package var result: [UInt8]?
    /// The process that acts, for people who look at the table.
    package let owner: String
    package let createdAt: Timestamp
    package var doneAt: Timestamp?

    package init(
        hash: [UInt8], state: State = .running, result: [UInt8]? = nil, owner: String, createdAt: Timestamp,
        doneAt: Timestamp? = nil
    ) {
        self.hash = hash
        self.state = state
        self.result = result
        self.owner = owner
        self.createdAt = createdAt
        self.doneAt = doneAt
    }
}

/// What an app fetches its tokens with, once: no token is ever in an address. The session is opened when it does.
package struct AppCode: Sendable, Equatable {
    package static let lifetime: Duration = .seconds(60)

    /// SHA-256 of the code.
    package let hash: [UInt8]
    package let userID: UserID
    /// The identity that signed in.
    package let identityID: IdentityID
    package let proof: SignInProof
    /// SHA-256 of the app's verifier.
    package let challenge: [UInt8]
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package var usedAt: Timestamp?

    package init(
        hash: [UInt8], userID: UserID, identityID: IdentityID, proof: SignInProof, challenge: [UInt8],
        createdAt: Timestamp, expiresAt: Timestamp, usedAt: Timestamp? = nil
    ) {
        self.hash = hash
        self.userID = userID
        self.identityID = identityID
        self.proof = proof
        self.challenge = challenge
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}
