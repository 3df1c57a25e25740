import JSON
import Shared

/// What the browser says and the authenticator signs with its own data (WebAuthn 3 § 5.8.1).
struct ClientData {
    enum Kind: String {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    static let byteCountMax = 4_096

    private let members: JSONObject
    let challenge: [UInt8]

    /// - Parameter bytes: as they were received; the signature is over them.
    init(_ bytes: [UInt8]) throws(WebAuthnFault) {
        guard bytes.count <= Self.byteCountMax else { throw .clientDataTooLong }
        guard case .object(let members) = try? JSONValue(parsing: bytes) else { throw .clientData }
        guard let text = members["challenge"]?.text, let challenge = Base64URL.decode(text) else { throw .challenge }
        self.members = members
        self.challenge = challenge
    }

    func check(_ kind: Kind, origins: Set<String>) throws(WebAuthnFault) {
        guard members["type"] == .string(kind.rawValue) else { throw .clientDataType }
        guard let origin = members["origin"]?.text, origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) })
        else { throw .origin }
        guard members["crossOrigin"] ?? .bool(false) == .bool(false), members["topOrigin"] == nil else {
            throw .crossOrigin
        }
    }
}
