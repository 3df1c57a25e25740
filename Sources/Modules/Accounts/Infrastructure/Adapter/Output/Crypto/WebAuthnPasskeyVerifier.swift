import AccountsApplication
import Crypto
import WebAuthn

/// Passkeys by WebAuthn, for the relying party that the installation is.
struct WebAuthnPasskeyVerifier: PasskeyVerifier {
    let party: RelyingParty

    var relyingPartyID: String { party.id }

    func hash(of challenge: [UInt8]) -> [UInt8] { SHA256.hash(challenge) }

    func challengeHash(in clientData: [UInt8]) throws(PasskeyRejection) -> [UInt8] {
        do throws(WebAuthnFault) {
            return try RelyingParty.challengeHash(in: clientData)
        } catch {
            throw PasskeyRejection(error.rawValue)
        }
    }

    func verify(
        _ registration: PasskeyRegistration, challengeHash: [UInt8]
    ) throws(PasskeyRejection) -> NewPasskey {
        let response = RegistrationResponse(
            type: registration.type, id: registration.id, rawID: registration.rawID,
            clientData: registration.clientData, attestationObject: registration.attestationObject)
        do throws(WebAuthnFault) {
            let credential = try party.verify(response, challengeHash: challengeHash)
            return NewPasskey(
                credentialID: credential.id, publicKey: credential.publicKey,
                algorithm: Int(credential.algorithm.rawValue), signCount: Int(credential.signCount),
                isBackupEligible: credential.isBackupEligible, isBackedUp: credential.isBackedUp,
                aaguid: credential.aaguid)
        } catch {
            throw PasskeyRejection(error.rawValue)
        }
    }

    func verify(
        _ assertion: PasskeyAssertion, challengeHash: [UInt8], publicKey: [UInt8], isBackupEligible: Bool
    ) throws(PasskeyRejection) -> PasskeyUse {
        let response = AssertionResponse(
            type: assertion.type, id: assertion.id, rawID: assertion.rawID, clientData: assertion.clientData,
            authenticatorData: assertion.authenticatorData, signature: assertion.signature)
        do throws(WebAuthnFault) {
            let verified = try party.verify(
                response, challengeHash: challengeHash, publicKey: publicKey, isBackupEligible: isBackupEligible)
            return PasskeyUse(signCount: Int(verified.signCount), isBackedUp: verified.isBackedUp)
        } catch {
            throw PasskeyRejection(error.rawValue)
        }
    }
}
