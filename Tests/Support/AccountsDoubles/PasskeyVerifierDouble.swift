import AccountsApplication
import Shared

/// Takes an answer for a good one by its look: the client data are the challenge, the statement is the key, and a
/// signature is the key again.
package struct PasskeyVerifierDouble: PasskeyVerifier {
    package let relyingPartyID = "id.example.com"

    package init() {}

    package func hash(of challenge: [UInt8]) -> [UInt8] { [0] + challenge }

    package func challengeHash(in clientData: [UInt8]) throws(PasskeyRejection) -> [UInt8] {
        guard !clientData.isEmpty else { throw PasskeyRejection("client_data") }
        return hash(of: clientData)
    }

    package func verify(
        _ registration: PasskeyRegistration, challengeHash: [UInt8]
    ) throws(PasskeyRejection) -> NewPasskey {
        guard let first = registration.attestationObject.first else { throw PasskeyRejection("attestation_object") }
        return NewPasskey(
            credentialID: registration.rawID, publicKey: registration.attestationObject, algorithm: -7, signCount: 0,
            isBackupEligible: first == 1, isBackedUp: false, aaguid: [UInt8](repeating: 0, count: 16))
    }

    package func verify(
        _ assertion: PasskeyAssertion, challengeHash: [UInt8], publicKey: [UInt8], isBackupEligible: Bool
    ) throws(PasskeyRejection) -> PasskeyUse {
        guard assertion.signature == publicKey else { throw PasskeyRejection("signature") }
        return PasskeyUse(signCount: Int(assertion.authenticatorData.first ?? 0), isBackedUp: isBackupEligible)
    }
}
