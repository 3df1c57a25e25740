import Shared

/// Verifies what browsers answer with passkeys, by WebAuthn 3 § 7, and for the one relying party that the installation
/// is. Looks at no store: whether a challenge was given out is decided by its digest.
package protocol PasskeyVerifier: Sendable {
    /// A domain.
    var relyingPartyID: String { get }

    /// SHA-256, by which a challenge is kept.
    func hash(of challenge: [UInt8]) -> [UInt8]
    /// The digest of the challenge that an answer is to; nothing else is checked.
    func challengeHash(in clientData: [UInt8]) throws(PasskeyRejection) -> [UInt8]

    /// - Parameter challengeHash: of a challenge that was given out.
    func verify(_ registration: PasskeyRegistration, challengeHash: [UInt8]) throws(PasskeyRejection) -> NewPasskey
    /// - Parameters:
    ///   - challengeHash: of a challenge that was given out.
    ///   - passkey: of which the answer says that it is its own.
    func verify(
        _ assertion: PasskeyAssertion, challengeHash: [UInt8], publicKey: [UInt8], isBackupEligible: Bool
    ) throws(PasskeyRejection) -> PasskeyUse
}

/// An answer is not good.
package struct PasskeyRejection: Error, Sendable, Equatable {
    /// A stable code for the audit log.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// What a browser answers to a registration, its texts decoded.
package struct PasskeyRegistration: Sendable {
    package let type: String
    package let id: [UInt8]
    package let rawID: [UInt8]
    package let clientData: [UInt8]
    package let attestationObject: [UInt8]
    package let transports: [String]

    package init(
        type: String, id: [UInt8], rawID: [UInt8], clientData: [UInt8], attestationObject: [UInt8],
        transports: [String]
    ) {
        self.type = type
        self.id = id
        self.rawID = rawID
        self.clientData = clientData
        self.attestationObject = attestationObject
        self.transports = transports
    }
}

/// What a browser answers to a sign-in, its texts decoded.
package struct PasskeyAssertion: Sendable {
    package let type: String
    package let id: [UInt8]
    package let rawID: [UInt8]
    package let clientData: [UInt8]
    package let authenticatorData: [UInt8]
    package let signature: [UInt8]
    /// Nil or empty where the authenticator does not say.
    package let userHandle: [UInt8]?

    package init(
        type: String, id: [UInt8], rawID: [UInt8], clientData: [UInt8], authenticatorData: [UInt8],
        signature: [UInt8], userHandle: [UInt8]?
    ) {
        self.type = type
        self.id = id
        self.rawID = rawID
        self.clientData = clientData
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }
}

/// What a verified registration says.
package struct NewPasskey: Sendable, Equatable {
    package let credentialID: [UInt8]
    package let publicKey: [UInt8]
    package let algorithm: Int
    package let signCount: Int
    package let isBackupEligible: Bool
    package let isBackedUp: Bool
    package let aaguid: [UInt8]

    package init(
        credentialID: [UInt8], publicKey: [UInt8], algorithm: Int, signCount: Int, isBackupEligible: Bool,
        isBackedUp: Bool, aaguid: [UInt8]
    ) {
        self.credentialID = credentialID
        self.publicKey = publicKey
        self.algorithm = algorithm
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.aaguid = aaguid
    }
}

/// What a verified sign-in says.
package struct PasskeyUse: Sendable, Equatable {
    package let signCount: Int
    package let isBackedUp: Bool

    package init(signCount: Int, isBackedUp: Bool) {
        self.signCount = signCount
        self.isBackedUp = isBackedUp
    }
}
