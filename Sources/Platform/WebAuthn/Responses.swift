/// What a browser answers to `navigator.credentials.create()` (WebAuthn 3 § 5.1.8, `RegistrationResponseJSON`), its
/// texts decoded.
package struct RegistrationResponse: Sendable {
    package let type: String
    package let id: [UInt8]
    package let rawID: [UInt8]
    package let clientData: [UInt8]
    package let attestationObject: [UInt8]

    package init(type: String, id: [UInt8], rawID: [UInt8], clientData: [UInt8], attestationObject: [UInt8]) {
        self.type = type
        self.id = id
        self.rawID = rawID
        self.clientData = clientData
        self.attestationObject = attestationObject
    }
}

/// What a browser answers to `navigator.credentials.get()` (`AuthenticationResponseJSON`), its texts decoded.
package struct AssertionResponse: Sendable {
    package let type: String
    package let id: [UInt8]
    package let rawID: [UInt8]
    package let clientData: [UInt8]
    package let authenticatorData: [UInt8]
    package let signature: [UInt8]

    package init(
        type: String, id: [UInt8], rawID: [UInt8], clientData: [UInt8], authenticatorData: [UInt8], signature: [UInt8]
    ) {
        self.type = type
        self.id = id
        self.rawID = rawID
        self.clientData = clientData
        self.authenticatorData = authenticatorData
        self.signature = signature
    }
}

/// A credential whose registration was verified.
package struct RegisteredCredential: Sendable, Equatable {
    /// 16 to 1,023 bytes.
    package let id: [UInt8]
    /// The COSE key as the authenticator wrote it.
    package let publicKey: [UInt8]
    package let algorithm: COSEKey.Algorithm
    package let signCount: UInt32
    package let isBackupEligible: Bool
    package let isBackedUp: Bool
    /// Which model of authenticator it is, 16 bytes; zeros where it does not say.
    package let aaguid: [UInt8]
}

/// What a verified assertion says.
package struct VerifiedAssertion: Sendable, Equatable {
    package let signCount: UInt32
    package let isBackedUp: Bool
}
