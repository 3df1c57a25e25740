import AccountsApplication
import HTTP
import JSON
import Shared

struct AddPasskeyBody: Input {
    let name: String?
    let credential: RegistrationCredential

    init(_ fields: inout Fields) {
        name = fields.optional("name", .passkeyName)
        credential = fields.required("credential", .object)
    }
}

struct RenamePasskeyBody: Input {
    let name: String

    init(_ fields: inout Fields) {
        name = fields.required("name", .passkeyName)
    }
}

struct PasskeyLoginBody: LenientInput {
    let credential: AssertionCredential

    init(_ fields: inout Fields) {
        credential = fields.required("credential", .object)
    }
}

/// `RegistrationResponseJSON` of WebAuthn 3 § 5.1.8, as browsers write it; they add members as they grow.
struct RegistrationCredential: LenientInput {
    let registration: PasskeyRegistration

    init(_ fields: inout Fields) {
        let id = fields.required("id", .credentialID)
        let rawID = fields.required("rawId", .credentialID)
        let type = fields.required("type", .credentialType)
        let response: AttestationResponse = fields.required("response", .object)
        registration = PasskeyRegistration(
            type: type, id: id, rawID: rawID, clientData: response.clientData,
            attestationObject: response.attestationObject, transports: response.transports)
    }
}

struct AttestationResponse: LenientInput {
    let clientData: [UInt8]
    let attestationObject: [UInt8]
    let transports: [String]

    init(_ fields: inout Fields) {
        clientData = fields.required("clientDataJSON", .base64URL(max: 8_192))
        attestationObject = fields.required("attestationObject", .base64URL(max: 65_536))
        let words = fields.optional("transports", .list(of: .text(1...32), 0...16)) ?? []
        // Words of a newer browser are kept; what can be none is passed over.
        transports = words.filter { word in word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D } }
    }
}

/// `AuthenticationResponseJSON` of WebAuthn 3 § 5.1.8.
struct AssertionCredential: LenientInput {
    let assertion: PasskeyAssertion

    init(_ fields: inout Fields) {
        let id = fields.required("id", .credentialID)
        let rawID = fields.required("rawId", .credentialID)
        let type = fields.required("type", .credentialType)
        let response: AssertionAnswer = fields.required("response", .object)
        assertion = PasskeyAssertion(
            type: type, id: id, rawID: rawID, clientData: response.clientData,
            authenticatorData: response.authenticatorData, signature: response.signature,
            userHandle: response.userHandle)
    }
}

struct AssertionAnswer: LenientInput {
    let clientData: [UInt8]
    let authenticatorData: [UInt8]
    let signature: [UInt8]
    let userHandle: [UInt8]?

    init(_ fields: inout Fields) {
        clientData = fields.required("clientDataJSON", .base64URL(max: 8_192))
        authenticatorData = fields.required("authenticatorData", .base64URL(max: 8_192))
        signature = fields.required("signature", .base64URL(max: 2_048))
        userHandle = fields.optional("userHandle", .base64URL(max: 128))
    }
}

extension FieldType where Value == String {
    static var passkeyName: FieldType { .name(1...100, example: "Phone") }

    /// `public-key`; every other text is looked at later, with the rest of the answer.
    fileprivate static var credentialType: FieldType { .text(1...32) }
}

extension FieldType where Value == [UInt8] {
    fileprivate static var credentialID: FieldType { .base64URL(max: 2_048) }

    /// Bytes as base64url without padding.
    ///
    /// - Parameter max: in characters.
    static func base64URL(max: Int) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            ["type": "string", "maxLength": .integer(Int64(max)), "pattern": "^[A-Za-z0-9_-]*$"]
        }
        return FieldType(schema: schema(), placeholder: []) { value in
            guard case .string(let text) = value, text.utf8.count <= max, let bytes = Base64URL.decode(text) else {
                return .failure("must be base64url without padding, of at most \(max) characters")
            }
            return .success(bytes)
        }
    }
}
