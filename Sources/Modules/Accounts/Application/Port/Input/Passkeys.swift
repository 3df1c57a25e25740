import AccountsContract
import AccountsDomain
import Shared

/// What a browser needs to make a passkey.
package struct PasskeyCreationOptions: Sendable {
    package let challenge: [UInt8]
    package let relyingPartyID: String
    /// By which authenticators know the user; it says nothing about him.
    package let userHandle: [UInt8]
    /// What the authenticator shows.
    package let userName: String
    package let displayName: String
    /// The user's own: an authenticator that has one of them makes no second.
    package let excluded: [PasskeyDescriptor]
}

/// What a browser needs to use one.
package struct PasskeyRequestOptions: Sendable {
    package let challenge: [UInt8]
    package let relyingPartyID: String
    /// Empty: any passkey that the authenticator has for this relying party.
    package let allowed: [PasskeyDescriptor]
}

/// Names a passkey to a browser.
package struct PasskeyDescriptor: Sendable, Equatable {
    package let credentialID: [UInt8]
    package let transports: [String]

    init(_ passkey: Passkey) {
        credentialID = passkey.credentialID
        transports = passkey.transports
    }
}

package enum PasskeyCreationOutcome: Sendable {
    case options(PasskeyCreationOptions)
    /// The account has as many as it may.
    case tooMany
    /// The caller's session ended meanwhile.
    case signedOut
}

package struct AddPasskeyCommand: Sendable {
    package let id: PasskeyID
    package let caller: SessionCaller
    /// Nil: one is made.
    package let name: String?
    package let registration: PasskeyRegistration
    /// The digest of the browser's cookie; nil if it sent none.
    package let browser: [UInt8]?
    package let client: ClientInfo

    package init(
        id: PasskeyID, caller: SessionCaller, name: String?, registration: PasskeyRegistration, browser: [UInt8]?,
        client: ClientInfo
    ) {
        self.id = id
        self.caller = caller
        self.name = name
        self.registration = registration
        self.browser = browser
        self.client = client
    }
}

package enum AddPasskeyOutcome: Sendable, Equatable {
    case added(Passkey)
    /// What came is no good answer to a challenge of ours.
    case invalid
    /// Somebody has this credential already.
    case exists
    case tooMany
    /// The caller's session ended meanwhile.
    case signedOut
}

package enum RemovePasskeyOutcome: Sendable, Equatable {
    case removed
    case unknown
    /// No other way to sign in would be left.
    case lastSignInMethod
}

package struct SignInWithPasskeyCommand: Sendable {
    package let assertion: PasskeyAssertion
    /// The digest of the browser's cookie; nil if it sent none.
    package let browser: [UInt8]?
    package let client: ClientInfo

    package init(assertion: PasskeyAssertion, browser: [UInt8]?, client: ClientInfo) {
        self.assertion = assertion
        self.browser = browser
        self.client = client
    }
}

package enum SignInWithPasskeyOutcome: Sendable {
    case ended(SignInOutcome)
    /// Nobody has this credential: the browser can forget it.
    case unknown
}
