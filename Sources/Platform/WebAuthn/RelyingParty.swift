import Crypto

/// Verifies the two ceremonies of WebAuthn 3 (§ 7.1, § 7.2) for one relying party. The user always has to be verified,
/// and attestation is neither asked for nor looked at.
package struct RelyingParty: Sendable {
    /// A domain, without a port.
    package let id: String
    /// Scheme, host and port of the pages on which ceremonies may happen.
    package let origins: Set<String>
    private let idHash: [UInt8]

    package init(id: String, origins: Set<String>) {
        self.id = id
        self.origins = origins
        idHash = SHA256.hash(Array(id.utf8))
    }

    /// The digest of the challenge that client data answer, by which it is found again; nothing else is checked.
    ///
    /// - Parameter clientData: as received.
    package static func challengeHash(in clientData: [UInt8]) throws(WebAuthnFault) -> [UInt8] {
        SHA256.hash(try ClientData(clientData).challenge)
    }

    /// - Parameter challengeHash: SHA-256 of the challenge that was given out.
    package func verify(
        _ response: RegistrationResponse, challengeHash: [UInt8]
    ) throws(WebAuthnFault) -> RegisteredCredential {
        try Self.check(response.type, response.id, response.rawID)
        try check(response.clientData, .create, challengeHash)
        guard let object = (try? CBORReader.read(response.attestationObject))?.map, object.entries.count == 3,
            object["fmt"]?.text != nil, object["attStmt"]?.map != nil, let bytes = object["authData"]?.bytes
        else { throw .attestationObject }
        let data = try authenticatorData(bytes)
        guard let credential = data.credential else { throw .noKey }
        guard credential.id == response.rawID else { throw .credentialID }
        let key = try COSEKey(credential.key)
        return RegisteredCredential(
            id: credential.id, publicKey: credential.keyBytes, algorithm: key.algorithm, signCount: data.signCount,
            isBackupEligible: data.flags.contains(.backupEligible), isBackedUp: data.flags.contains(.backedUp),
            aaguid: credential.aaguid)
    }

    /// - Parameters:
    ///   - challengeHash: SHA-256 of the challenge that was given out.
    ///   - publicKey: of the credential, as its registration gave it.
    ///   - isBackupEligible: of the credential; it never changes.
    package func verify(
        _ response: AssertionResponse, challengeHash: [UInt8], publicKey: [UInt8], isBackupEligible: Bool
    ) throws(WebAuthnFault) -> VerifiedAssertion {
        try Self.check(response.type, response.id, response.rawID)
        try check(response.clientData, .get, challengeHash)
        let data = try authenticatorData(response.authenticatorData)
        guard data.flags.contains(.backupEligible) == isBackupEligible else { throw .backupEligibility }
        let signed = response.authenticatorData + SHA256.hash(response.clientData)
        guard try COSEKey(publicKey).verify(response.signature, for: signed) else { throw .signature }
        return VerifiedAssertion(signCount: data.signCount, isBackedUp: data.flags.contains(.backedUp))
    }

    private static func check(_ type: String, _ id: [UInt8], _ rawID: [UInt8]) throws(WebAuthnFault) {
        guard type == "public-key" else { throw .type }
        guard id == rawID else { throw .credentialID }
    }

    private func check(
        _ bytes: [UInt8], _ kind: ClientData.Kind, _ challengeHash: [UInt8]
    ) throws(WebAuthnFault) {
        let clientData = try ClientData(bytes)
        try clientData.check(kind, origins: origins)
        guard constantTimeEqual(SHA256.hash(clientData.challenge), challengeHash) else { throw .challenge }
    }

    private func authenticatorData(_ bytes: [UInt8]) throws(WebAuthnFault) -> AuthenticatorData {
        let data = try AuthenticatorData(bytes)
        guard constantTimeEqual(data.rpIDHash, idHash) else { throw .rpID }
        guard data.flags.contains(.userPresent) else { throw .userNotPresent }
        guard data.flags.contains(.userVerified) else { throw .userNotVerified }
        guard data.flags.contains(.backupEligible) || !data.flags.contains(.backedUp) else { throw .backupState }
        return data
    }
}
