internal import COpenSSL
import Shared

/// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each (RFC 7518 § 3.4).
enum ES256: KeyPairAlgorithm {
    static let algorithm = SigningAlgorithm.es256
    static let keyType = "EC"
    private static let scalarByteCount = 32

    static func generate() throws -> EVPKey {
        guard let key = gapura_generate_p256() else { throw OpenSSL.failure("EVP_EC_gen") }
        return EVPKey(owning: key)
    }

    static func check(_ key: EVPKey) throws {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard key.isA(keyType), EVP_PKEY_get_group_name(key.handle, &name, name.count, &count) == 1,
            name.prefix(count).elementsEqual("prime256v1".utf8.map { CChar(bitPattern: $0) })
        else { throw SigningKeyError.unsupported }
    }

    static func sign(_ message: [UInt8], with key: EVPKey) throws -> [UInt8] {
        let der = try key.sign(message, digest: OpenSSL.sha256.handle)
        let pair = der.withBytes { start, count in
            var position: UnsafePointer<UInt8>? = start
            return d2i_ECDSA_SIG(nil, &position, count)
        }
        defer { ECDSA_SIG_free(pair) }
        guard let pair else { throw OpenSSL.failure("d2i_ECDSA_SIG") }
        return try [UInt8](unsafeUninitializedCapacity: 2 * scalarByteCount) { raw, initialized in
            let width = Int32(scalarByteCount)
            guard let start = raw.baseAddress, BN_bn2binpad(ECDSA_SIG_get0_r(pair), start, width) == width,
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), start + scalarByteCount, width) == width
            else { throw OpenSSL.failure("BN_bn2binpad") }
            initialized = 2 * scalarByteCount
        }
    }

    static func verify(_ signature: [UInt8], for message: some Collection<UInt8>, with key: EVPKey) -> Bool {
        guard signature.count == 2 * scalarByteCount, let der = der(signature) else { return false }
        return key.verify(der, for: message, digest: OpenSSL.sha256.handle)
    }

    static func publicMembers(of key: EVPKey) throws -> [(String, String)] {
        let x = try key.number(OSSL_PKEY_PARAM_EC_PUB_X, count: scalarByteCount)
        let y = try key.number(OSSL_PKEY_PARAM_EC_PUB_Y, count: scalarByteCount)
        return [("crv", "P-256"), ("kty", "EC"), ("x", Base64URL.encode(x)), ("y", Base64URL.encode(y))]
    }

    static func publicKey(members: (String) -> [UInt8]?) throws -> EVPKey {
        guard let x = members("x"), let y = members("y"), x.count == scalarByteCount, y.count == scalarByteCount else {
            throw SigningKeyError.unreadable
        }
        let uncompressed = [0x04] + x + y
        // Refuses a point that is not on the curve; the curve's cofactor is 1, so every other point is sound.
        guard let key = gapura_p256_public_key(uncompressed, uncompressed.count) else {
            ERR_clear_error()
            throw SigningKeyError.unreadable
        }
        return EVPKey(owning: key)
    }

    /// The signature as libcrypto takes it, `SEQUENCE { r, s }`.
    private static func der(_ raw: [UInt8]) -> [UInt8]? {
        guard let pair = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(pair) }
        let width = Int32(scalarByteCount)
        let (r, s) = raw.withBytes { start, _ in
            (BN_bin2bn(start, width, nil), BN_bin2bn(start + scalarByteCount, width, nil))
        }
        guard ECDSA_SIG_set0(pair, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        var der: UnsafeMutablePointer<UInt8>?
        let count = Int(i2d_ECDSA_SIG(pair, &der))
        guard count > 0, let der else { return nil }
        defer { CRYPTO_free(der, nil, 0) }
        return Array(UnsafeBufferPointer(start: der, count: count))
    }
}
