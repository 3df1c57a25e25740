internal import COpenSSL
import Shared

extension EVPKey {
    /// Reads PKCS #8 in DER (RFC 5958), not encrypted, and nothing behind it.
    convenience init(pkcs8 der: [UInt8]) throws(SigningKeyError) {
        let handle = der.withBytes { start, count -> OpaquePointer? in
            var position: UnsafePointer<UInt8>? = start
            let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, count)
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            guard let info, position == start + count else { return nil }
            return EVP_PKCS82PKEY(info)
        }
        ERR_clear_error()
        guard let handle else { throw .unreadable }
        self.init(owning: handle)
    }

    /// Reads the first private key of a PEM file: PKCS #8, SEC 1 (RFC 5915) or PKCS #1.
    convenience init(pem: [UInt8]) throws(SigningKeyError) {
        guard let count = Int32(exactly: pem.count) else { throw .unreadable }
        var asked = false
        let handle = pem.withBytes { start, _ -> OpaquePointer? in
            let file = BIO_new_mem_buf(start, count)
            defer { BIO_free(file) }
            // Without a callback libcrypto would ask the terminal for a pass phrase.
            return PEM_read_bio_PrivateKey(
                file, nil,
                { _, _, _, asked in
                    asked?.assumingMemoryBound(to: Bool.self).pointee = true
                    return -1
                }, &asked)
        }
        ERR_clear_error()
        guard let handle else { throw asked ? .encrypted : .unreadable }
        self.init(owning: handle)
    }

    /// The key as PKCS #8 in DER.
    func pkcs8() throws -> Secret<[UInt8]> {
        let info = EVP_PKEY2PKCS8(handle)
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        var der: UnsafeMutablePointer<UInt8>?
        let count = Int(i2d_PKCS8_PRIV_KEY_INFO(info, &der))
        guard count > 0, let der else { throw OpenSSL.failure("i2d_PKCS8_PRIV_KEY_INFO") }
        defer { CRYPTO_clear_free(der, count, nil, 0) }
        return Secret(Array(UnsafeBufferPointer(start: der, count: count)))
    }
}
