import Shared

/// A key that signs, with what verifies its signatures.
package struct PrivateSigningKey: Sendable {
    private enum Material: Sendable {
        case pair(EVPKey, any KeyPairAlgorithm.Type)
        case secret(HMACKey)
    }

    package let publicKey: PublicVerificationKey

    /// PKCS #8 in DER, for HS256 the raw secret: what `init(_:serialized:)` reads, and what is wrapped and stored.
    package let serialized: Secret<[UInt8]>

    private let material: Material

    package var algorithm: SigningAlgorithm { publicKey.algorithm }
    package var kid: String { publicKey.kid }

    /// Makes a new key: P-256, Ed25519, RSA of 2,048 bits (which takes some tenths of a second), or 32 random bytes.
    ///
    /// - Throws: `InternalFailure` if the library fails.
    package static func generate(
        _ algorithm: SigningAlgorithm, random: some RandomSource = SystemRandomSource()
    ) throws -> PrivateSigningKey {
        guard let type = algorithm.keyPair else {
            return try PrivateSigningKey(algorithm, serialized: Secret(random.bytes(HS256.secretByteCountMin)))
        }
        return try PrivateSigningKey(type.generate(), type)
    }

    /// - Parameter serialized: PKCS #8 in DER; for HS256 the secret, 32 bytes or more.
    /// - Throws: `SigningKeyError`, or `InternalFailure` if the library fails.
    package init(_ algorithm: SigningAlgorithm, serialized: Secret<[UInt8]>) throws {
        if let type = algorithm.keyPair {
            try self.init(EVPKey(pkcs8: serialized.reveal()), type)
        } else {
            try self.init(secret: serialized)
        }
    }

    /// Reads the first private key of a PEM file: PKCS #8, SEC 1 or PKCS #1, without a pass phrase; P-256 becomes
    /// ES256, Ed25519 EdDSA, RSA RS256.
    ///
    /// - Throws: `SigningKeyError`, or `InternalFailure` if the library fails.
    package init(pem: Secret<[UInt8]>) throws {
        let key = try EVPKey(pem: pem.reveal())
        guard let type = SigningAlgorithm.allCases.compactMap(\.keyPair).first(where: { key.isA($0.keyType) }) else {
            throw SigningKeyError.unsupported
        }
        try self.init(key, type)
    }

    private init(secret: Secret<[UInt8]>) throws {
        let key = try HS256.key(secret)
        publicKey = PublicVerificationKey(secret: key)
        serialized = secret
        material = .secret(key)
    }

    private init(_ key: EVPKey, _ type: any KeyPairAlgorithm.Type) throws {
        try type.check(key)
        publicKey = try PublicVerificationKey(ofPair: key, type)
        serialized = try key.pkcs8()
        material = .pair(key, type)
        // A file may hold a public part that is not the private one's; signing with such a key can reveal it.
        let probe = Array("gapura/key-check".utf8)
        guard try publicKey.verify(sign(probe), for: probe) else { throw SigningKeyError.inconsistent }
    }

    /// - Throws: `InternalFailure` if the library fails.
    package func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch material {
        case .pair(let key, let type): try type.sign(message, with: key)
        case .secret(let key): key.authenticate(message)
        }
    }
}
