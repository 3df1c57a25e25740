import Crypto
import Foundation
import JSON
import Shared
import Testing
import WebAuthn

/// Ceremonies that an authenticator in Python has made; `fido2` and `webauthn` of PyPI verify them too
/// (Tests/EndToEnd/test_passkeys.py).
struct Recording: Sendable, CustomTestStringConvertible {
    static let party = RelyingParty(id: "id.example.com", origins: ["https://id.example.com"])

    static let all: [Recording] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        guard let data = try? Data(contentsOf: folder.appending(path: "ceremonies.json")),
            let document = try? JSONValue(parsing: Array(data)), let list = document["ceremonies"]?.elements
        else { preconditionFailure("the recorded ceremonies are not there") }
        return list.map { Recording($0) }
    }()

    static let es256 = all[0]
    static let withExtensions = all[2]
    static let ed25519 = all[4]

    let testDescription: String
    let algorithm: Int64
    let isBackedUp: Bool
    let signCount: UInt32
    let creationChallenge: [UInt8]
    let requestChallenge: [UInt8]
    var registration: Parts
    var assertion: Parts

    /// What a ceremony answers, decoded.
    struct Parts: Sendable {
        var type: String
        var id: [UInt8]
        var rawID: [UInt8]
        var clientData: [UInt8]
        var attestationObject: [UInt8]
        var authenticatorData: [UInt8]
        var signature: [UInt8]

        init(_ json: JSONValue?) {
            func bytes(_ value: JSONValue?) -> [UInt8] { value?.text.flatMap { Base64URL.decode($0) } ?? [] }
            type = json?["type"]?.text ?? ""
            id = bytes(json?["id"])
            rawID = bytes(json?["rawId"])
            let response = json?["response"]
            clientData = bytes(response?["clientDataJSON"])
            attestationObject = bytes(response?["attestationObject"])
            authenticatorData = bytes(response?["authenticatorData"])
            signature = bytes(response?["signature"])
        }

        /// The client data with another text in the place of one that is there.
        mutating func replace(_ text: String, _ other: String) {
            clientData = Array(String(decoding: clientData, as: UTF8.self).replacing(text, with: other).utf8)
        }
    }

    private init(_ json: JSONValue) {
        func challenge(_ name: String) -> [UInt8] { json[name]?.text.flatMap { Base64URL.decode($0) } ?? [] }
        testDescription = json["name"]?.text ?? ""
        algorithm = json["algorithm"]?.integer ?? 0
        isBackedUp = json["backed_up"]?.flag ?? false
        signCount = UInt32(json["sign_count"]?.integer ?? 0)
        creationChallenge = challenge("creation_challenge")
        requestChallenge = challenge("request_challenge")
        registration = Parts(json["registration"])
        assertion = Parts(json["assertion"])
    }

    func register(
        _ party: RelyingParty = party, challenge: [UInt8]? = nil
    ) throws(WebAuthnFault) -> RegisteredCredential {
        let response = RegistrationResponse(
            type: registration.type, id: registration.id, rawID: registration.rawID,
            clientData: registration.clientData, attestationObject: registration.attestationObject)
        return try party.verify(response, challengeHash: SHA256.hash(challenge ?? creationChallenge))
    }

    /// Signs in with the key of the recording's own registration.
    func signIn(
        _ party: RelyingParty = party, challenge: [UInt8]? = nil, key: [UInt8]? = nil, isBackupEligible: Bool? = nil
    ) throws(WebAuthnFault) -> VerifiedAssertion {
        let response = AssertionResponse(
            type: assertion.type, id: assertion.id, rawID: assertion.rawID, clientData: assertion.clientData,
            authenticatorData: assertion.authenticatorData, signature: assertion.signature)
        let publicKey: [UInt8]
        if let key { publicKey = key } else { publicKey = try register().publicKey }
        return try party.verify(
            response, challengeHash: SHA256.hash(challenge ?? requestChallenge), publicKey: publicKey,
            isBackupEligible: isBackupEligible ?? isBackedUp)
    }
}

extension Recording {
    /// The authenticator data of the registration, as they stand in its attestation object.
    var registrationData: [UInt8] {
        get throws {
            let object = try CBORReader.read(registration.attestationObject).map
            return try #require(object?["authData"]?.bytes)
        }
    }

    /// The recording with a registration of other authenticator data.
    func registering(_ change: (inout [UInt8]) -> Void) throws -> Recording {
        var data = try registrationData
        change(&data)
        var changed = self
        changed.registration.attestationObject =
            [0xA3] + text("fmt") + text("none") + text("attStmt") + [0xA0] + text("authData") + bytes(data)
        return changed
    }
}

/// CBOR of a text under 24 bytes.
func text(_ text: String) -> [UInt8] { [0x60 | UInt8(text.utf8.count)] + text.utf8 }

/// CBOR of bytes.
func bytes(_ bytes: [UInt8]) -> [UInt8] {
    switch bytes.count {
    case ..<24: [0x40 | UInt8(bytes.count)] + bytes
    case ..<256: [0x58, UInt8(bytes.count)] + bytes
    default: [0x59, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }
}
