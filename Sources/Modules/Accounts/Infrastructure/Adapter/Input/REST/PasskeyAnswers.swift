import AccountsApplication
import AccountsDomain
import HTTP
import JSON
import Shared

struct PasskeyAnswer: Output {
    let passkey: Passkey

    static let shape = Shape<PasskeyAnswer>("Passkey") { shape in
        shape.member("id", .id) { $0.passkey.id }
        shape.member("name", .text) { $0.passkey.name }
        shape.member("is_synced", .bool) { $0.passkey.isBackupEligible }
        shape.member("is_backed_up", .bool) { $0.passkey.isBackedUp }
        shape.member("is_suspended", .bool) { $0.passkey.suspendedAt != nil }
        shape.member("transports", .list(of: .text)) { $0.passkey.transports }
        shape.nullable("aaguid", .text) { $0.passkey.modelText }
        shape.member("created_at", .timestamp) { $0.passkey.createdAt }
        shape.nullable("last_used", .timestamp) { $0.passkey.lastUsed }
    }
}

extension Passkey {
    /// Nil where the authenticator does not say.
    fileprivate var modelText: String? {
        guard aaguid.contains(where: { $0 != 0 }) else { return nil }
        return Identifier(bytes: aaguid)?.description
    }
}

/// `PublicKeyCredentialCreationOptionsJSON` of WebAuthn 3 § 5.1.9.
struct PasskeyCreationAnswer: Output {
    let options: PasskeyCreationOptions
    let appName: String

    static let shape = Shape<PasskeyCreationAnswer>("PasskeyCreationOptions") { shape in
        shape.member("rp", .object) { RelyingPartyAnswer(id: $0.options.relyingPartyID, name: $0.appName) }
        shape.member("user", .object) { PasskeyUserAnswer(options: $0.options) }
        shape.member("challenge", .base64URL) { $0.options.challenge }
        shape.member("pubKeyCredParams", .list(of: .object)) { _ in PasskeyAlgorithmAnswer.offered }
        shape.member("timeout", .integer) { _ in PasskeyChallenge.lifetime.components.seconds * 1_000 }
        shape.member("excludeCredentials", .list(of: .object)) { answer in
            answer.options.excluded.map { PasskeyDescriptorAnswer(descriptor: $0) }
        }
        shape.member("authenticatorSelection", .object) { _ in AuthenticatorSelectionAnswer() }
        shape.member("attestation", .text) { _ in "none" }
    }
}

/// `PublicKeyCredentialRequestOptionsJSON` of WebAuthn 3 § 5.1.10.
struct PasskeyRequestAnswer: Output {
    let options: PasskeyRequestOptions

    static let shape = Shape<PasskeyRequestAnswer>("PasskeyRequestOptions") { shape in
        shape.member("challenge", .base64URL) { $0.options.challenge }
        shape.member("timeout", .integer) { _ in PasskeyChallenge.lifetime.components.seconds * 1_000 }
        shape.member("rpId", .text) { $0.options.relyingPartyID }
        shape.member("allowCredentials", .list(of: .object)) { answer in
            answer.options.allowed.map { PasskeyDescriptorAnswer(descriptor: $0) }
        }
        shape.member("userVerification", .text) { _ in "required" }
    }
}

struct RelyingPartyAnswer: Output {
    let id: String
    let name: String

    static let shape = Shape<RelyingPartyAnswer>("RelyingParty") { shape in
        shape.member("id", .text) { $0.id }
        shape.member("name", .text) { $0.name }
    }
}

struct PasskeyUserAnswer: Output {
    let options: PasskeyCreationOptions

    static let shape = Shape<PasskeyUserAnswer>("PasskeyUser") { shape in
        shape.member("id", .base64URL) { $0.options.userHandle }
        shape.member("name", .text) { $0.options.userName }
        shape.member("displayName", .text) { $0.options.displayName }
    }
}

struct PasskeyAlgorithmAnswer: Output {
    /// The COSE number.
    let number: Int64

    /// The preferred one first: Ed25519, ES256, RS256.
    static let offered = [-8, -7, -257].map { PasskeyAlgorithmAnswer(number: $0) }

    static let shape = Shape<PasskeyAlgorithmAnswer>("PasskeyAlgorithm") { shape in
        shape.member("type", .text) { _ in "public-key" }
        shape.member("alg", .integer) { $0.number }
    }
}

struct PasskeyDescriptorAnswer: Output {
    let descriptor: PasskeyDescriptor

    static let shape = Shape<PasskeyDescriptorAnswer>("PasskeyDescriptor") { shape in
        shape.member("type", .text) { _ in "public-key" }
        shape.member("id", .base64URL) { $0.descriptor.credentialID }
        shape.member("transports", .list(of: .text)) { $0.descriptor.transports }
    }
}

struct AuthenticatorSelectionAnswer: Output {
    static let shape = Shape<AuthenticatorSelectionAnswer>("AuthenticatorSelection") { shape in
        shape.member("residentKey", .text) { _ in "required" }
        shape.member("requireResidentKey", .bool) { _ in true }
        shape.member("userVerification", .text) { _ in "required" }
    }
}

extension OutputType where Value == [UInt8] {
    fileprivate static var base64URL: OutputType {
        OutputType(schema: ["type": "string", "pattern": "^[A-Za-z0-9_-]*$"]) { $1.string(Base64URL.encode($0)) }
    }
}
