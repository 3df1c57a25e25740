import JSON
import Shared

/// What verifies signatures of one algorithm. For HS256 it is the secret itself, which is never shown.
package struct PublicVerificationKey: Sendable {
    private enum Material: Sendable {
        case pair(EVPKey, any KeyPairAlgorithm.Type, publicMembers: [Member])
        case secret(HMACKey)
    }

    private struct Member: Sendable {
        let name: String
        let value: String
    }

    package let algorithm: SigningAlgorithm

    /// Names the key in headers: the RFC 7638 thumbprint, unless a JWK said another; for HS256 a keyed digest.
    package let kid: String

    private let material: Material

    /// - Parameter key: a public key that passed the algorithm's check.
    private init(_ key: EVPKey, _ type: any KeyPairAlgorithm.Type, kid: String? = nil) throws {
        let members = try type.publicMembers(of: key)
        algorithm = type.algorithm
        material = .pair(key, type, publicMembers: members.map { Member(name: $0.0, value: $0.1) })
        self.kid = kid ?? Self.thumbprint(of: members)
    }

    /// The public half of a key pair, and nothing of the private one.
    init(ofPair pair: EVPKey, _ type: any KeyPairAlgorithm.Type) throws {
        let members = try type.publicMembers(of: pair)
        let key = try type.publicKey { name in
            members.first { $0.0 == name }.flatMap { Base64URL.decode($0.1) }
        }
        try self.init(key, type)
    }

    init(secret: HMACKey) {
        algorithm = .hs256
        kid = HS256.kid(of: secret)
        material = .secret(secret)
    }

    /// Reads a public JSON Web Key (RFC 7517). The algorithm follows from `kty` and `crv`; `alg`, `use` and `key_ops`
    /// must agree with it where they are given, and `kid` must be text. Symmetric keys are refused, other members ignored.
    ///
    /// - Throws: `SigningKeyError`.
    package init(jwk: JSONObject) throws {
        let type: any KeyPairAlgorithm.Type
        switch (jwk["kty"]?.text, jwk["crv"]?.text) {
        case ("EC", "P-256"): type = ES256.self
        case ("OKP", "Ed25519"): type = EdDSA.self
        case ("RSA", _): type = RS256.self
        default: throw SigningKeyError.unsupported
        }
        if let named = jwk["alg"], named != .string(type.algorithm.rawValue) { throw SigningKeyError.unsupported }
        if let use = jwk["use"], use != "sig" { throw SigningKeyError.unsupported }
        if let operations = jwk["key_ops"], operations.elements?.contains("verify") != true {
            throw SigningKeyError.unsupported
        }
        let kid = jwk["kid"]?.text
        guard kid != nil || jwk["kid"] == nil else { throw SigningKeyError.unreadable }
        let key = try type.publicKey { name in
            jwk[name]?.text.flatMap { Base64URL.decode($0) }
        }
        try type.check(key)
        try self.init(key, type, kid: kid)
    }

    /// Whether `signature` is the key's for `message`. For HS256 it takes the same time for every wrong one.
    package func verify(_ signature: [UInt8], for message: some Collection<UInt8>) -> Bool {
        switch material {
        case .pair(let key, let type, _): type.verify(signature, for: message, with: key)
        case .secret(let key): key.verify(signature, for: message)
        }
    }

    /// The key as a member of a JWK Set; nil for HS256.
    package var jwk: JSONObject? {
        guard case .pair(_, _, let members) = material else { return nil }
        var jwk = JSONObject(members.map { ($0.name, .string($0.value)) })
        jwk["alg"] = .string(algorithm.rawValue)
        jwk["use"] = "sig"
        jwk["key_ops"] = ["verify"]
        jwk["kid"] = .string(kid)
        return jwk
    }

    /// RFC 7638: the digest of the required members in the order of their names, without spaces.
    private static func thumbprint(of members: [(String, String)]) -> String {
        let canonical = JSONValue.object(JSONObject(members.map { ($0.0, .string($0.1)) }))
        return Base64URL.encode(SHA256.hash(canonical.serialized))
    }
}
