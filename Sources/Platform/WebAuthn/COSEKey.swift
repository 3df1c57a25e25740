import Crypto
import JSON
import Shared

/// The public key of a credential, as authenticators write it (RFC 9052 § 7, RFC 9053, WebAuthn 3 § 5.8.5).
package struct COSEKey: Sendable {
    /// The algorithms that are offered, the preferred one first.
    package enum Algorithm: Int64, Sendable, CaseIterable {
        /// Ed25519.
        case edDSA = -8
        /// ECDSA on P-256 with SHA-256.
        case es256 = -7
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rs256 = -257
    }

    private enum Member {
        static let type: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    private static let coordinateByteCount = 32
    /// In bytes: 2,048 to 4,096 bits.
    private static let modulusByteCounts = 256...512

    package let algorithm: Algorithm
    private let key: PublicVerificationKey

    /// - Parameter bytes: the key as it stands in the authenticator data, nothing behind it.
    package init(_ bytes: [UInt8]) throws(WebAuthnFault) {
        guard let map = (try? CBORReader.read(bytes))?.map else { throw .keyFormat }
        try self.init(map)
    }

    /// With exactly the members that its type has to have: neither an optional nor a private one.
    init(_ map: CBORMap) throws(WebAuthnFault) {
        guard let number = map[Member.algorithm]?.integer, let type = map[Member.type]?.integer else {
            throw .keyFormat
        }
        guard let algorithm = Algorithm(rawValue: number) else { throw .algorithm }
        let jwk: JSONObject
        switch algorithm {
        case .es256:
            guard type == 2 else { throw .algorithm }
            guard map.entries.count == 5 else { throw .keyFormat }
            // Other than bytes, `y` is the sign of a compressed point.
            guard map[Member.curve] == .number(1), let x = Self.coordinate(map[Member.x]),
                let y = Self.coordinate(map[Member.y])
            else { throw .key }
            jwk = ["kty": "EC", "crv": "P-256", "x": .base64URL(x), "y": .base64URL(y)]
        case .edDSA:
            guard type == 1 else { throw .algorithm }
            guard map.entries.count == 4 else { throw .keyFormat }
            guard map[Member.curve] == .number(6), let x = Self.coordinate(map[Member.x]) else { throw .key }
            jwk = ["kty": "OKP", "crv": "Ed25519", "x": .base64URL(x)]
        case .rs256:
            guard type == 3 else { throw .algorithm }
            guard map.entries.count == 4 else { throw .keyFormat }
            guard let modulus = map[Member.modulus]?.bytes, Self.modulusByteCounts.contains(modulus.count),
                let first = modulus.first, first >= 0x80, map[Member.exponent] == .bytes([1, 0, 1])
            else { throw .key }
            jwk = ["kty": "RSA", "n": .base64URL(modulus), "e": .base64URL([1, 0, 1])]
        }
        guard let key = try? PublicVerificationKey(jwk: jwk) else { throw .key }
        self.algorithm = algorithm
        self.key = key
    }

    /// Whether the signature is the key's for the message.
    ///
    /// - Parameter signature: of ES256 in strict DER, of the others as it is.
    func verify(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard algorithm == .es256 else { return key.verify(signature, for: message) }
        guard let raw = ECDSASignature.raw(der: signature) else { return false }
        return key.verify(raw, for: message)
    }

    private static func coordinate(_ value: CBORValue?) -> [UInt8]? {
        guard let bytes = value?.bytes, bytes.count == coordinateByteCount else { return nil }
        return bytes
    }
}

extension JSONValue {
    fileprivate static func base64URL(_ bytes: [UInt8]) -> JSONValue { .string(Base64URL.encode(bytes)) }
}
