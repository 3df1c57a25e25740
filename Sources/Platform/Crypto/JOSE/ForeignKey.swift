import JSON
import Shared

/// A key of another issuer, by which its tokens are verified. An RSA key that names no algorithm verifies RS256 and
/// PS256, so the key alone does not say how a signature is checked.
package struct ForeignKey: Sendable {
    private enum Material: Sendable {
        case pair(EVPKey, any KeyPairAlgorithm.Type)
        case secret(HMACKey)
    }

    /// Nil if its issuer gave it no name.
    package let kid: String?
    /// What it may verify.
    package let algorithms: Set<ForeignAlgorithm>
    private let material: Material

    /// Reads a public JSON Web Key (RFC 7517). `alg`, `use` and `key_ops` must agree with its type where they are given.
    ///
    /// - Throws: `SigningKeyError`, also for symmetric keys.
    package init(jwk: JSONObject) throws {
        let type: any KeyPairAlgorithm.Type
        var algorithms: Set<ForeignAlgorithm>
        switch (jwk["kty"]?.text, jwk["crv"]?.text) {
        case ("EC", "P-256"): (type, algorithms) = (ES256.self, [.es256])
        case ("OKP", "Ed25519"): (type, algorithms) = (EdDSA.self, [.edDSA])
        case ("RSA", _): (type, algorithms) = (RS256.self, [.rs256, .ps256])
        default: throw SigningKeyError.unsupported
        }
        if let named = jwk["alg"] {
            algorithms.formIntersection(named.text.flatMap(ForeignAlgorithm.init).map { [$0] } ?? [])
        }
        if let use = jwk["use"], use != "sig" { throw SigningKeyError.unsupported }
        if let operations = jwk["key_ops"], operations.elements?.contains("verify") != true {
            throw SigningKeyError.unsupported
        }
        guard !algorithms.isEmpty else { throw SigningKeyError.unsupported }
        kid = jwk["kid"]?.text
        guard kid != nil || jwk["kid"] == nil else { throw SigningKeyError.unreadable }
        let key = try type.publicKey { name in jwk[name]?.text.flatMap { Base64URL.decode($0) } }
        try type.check(key)
        self.algorithms = algorithms
        material = .pair(key, type)
    }

    /// A secret that both sides know, for HS256.
    ///
    /// - Throws: `SigningKeyError.tooWeak` if it is shorter than 32 bytes.
    package init(secret: Secret<[UInt8]>) throws {
        material = .secret(try HS256.key(secret))
        kid = nil
        algorithms = [.hs256]
    }

    /// Whether `signature` is this key's for `message`; false for an algorithm that is not among the key's.
    func verify(
        _ signature: [UInt8], for message: some Collection<UInt8>, with algorithm: ForeignAlgorithm
    ) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        switch material {
        case .secret(let key): return key.verify(signature, for: message)
        case .pair(let key, let type):
            guard algorithm == .ps256 else { return type.verify(signature, for: message, with: key) }
            return key.verify(signature, for: message, digest: OpenSSL.sha256.handle, isPSS: true)
        }
    }
}
