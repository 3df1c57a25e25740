internal import COpenSSL
import Shared

/// Authenticated encryption by AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
enum AES256GCM {
    static let keyByteCount = 32
    static let nonceByteCount = 12
    static let tagByteCount = 16

    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - header: authenticated, not encrypted.
    /// - Returns: the ciphertext, as long as the plaintext, and the tag behind it.
    static func seal(
        _ plaintext: [UInt8], key: Secret<[UInt8]>, nonce: [UInt8], header: [UInt8]
    ) throws -> [UInt8] {
        let context = CipherContext()
        try context.start(key: key, nonce: nonce, encrypts: true)
        try context.authenticate(header)
        var sealed = try context.update(plaintext)
        guard context.finish() else { throw OpenSSL.failure("EVP_EncryptFinal_ex") }
        sealed += try context.tag()
        return sealed
    }

    /// - Returns: the plaintext, or nil if key, nonce, header or any byte of `sealed` is not the one of sealing.
    static func open(
        _ sealed: ArraySlice<UInt8>, key: Secret<[UInt8]>, nonce: ArraySlice<UInt8>, header: [UInt8]
    ) throws -> [UInt8]? {
        guard sealed.count >= tagByteCount else { return nil }
        let context = CipherContext()
        try context.start(key: key, nonce: Array(nonce), encrypts: false)
        try context.authenticate(header)
        let plaintext = try context.update(Array(sealed.dropLast(tagByteCount)))
        try context.expect(tag: Array(sealed.suffix(tagByteCount)))
        return context.finish() ? plaintext : nil
    }
}

/// One encryption or decryption.
private struct CipherContext: ~Copyable {
    private let handle = EVP_CIPHER_CTX_new()

    deinit {
        EVP_CIPHER_CTX_free(handle)
    }

    func start(key: Secret<[UInt8]>, nonce: [UInt8], encrypts: Bool) throws {
        guard nonce.count == AES256GCM.nonceByteCount, key.reveal().count == AES256GCM.keyByteCount else {
            throw InternalFailure("AES-256-GCM takes a key of 32 and a nonce of 12 bytes")
        }
        let cipher = OpenSSL.aes256GCM.handle
        guard EVP_CipherInit_ex2(handle, cipher, key.reveal(), nonce, encrypts ? 1 : 0, nil) == 1 else {
            throw OpenSSL.failure("EVP_CipherInit_ex2")
        }
    }

    func authenticate(_ header: [UInt8]) throws {
        _ = try advance(header, into: nil)
    }

    func update(_ input: [UInt8]) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: input.count) { output, initialized in
            initialized = input.isEmpty ? 0 : try advance(input, into: output.baseAddress)
        }
    }

    /// Whether the message is complete and, when decrypting, authentic.
    func finish() -> Bool {
        var rest = [UInt8](repeating: 0, count: AES256GCM.tagByteCount)
        var count: Int32 = 0
        let done = EVP_CipherFinal_ex(handle, &rest, &count)
        ERR_clear_error()
        return done == 1
    }

    func tag() throws -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AES256GCM.tagByteCount)
        guard EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1 else {
            throw OpenSSL.failure("EVP_CIPHER_CTX_ctrl")
        }
        return tag
    }

    func expect(tag: [UInt8]) throws {
        var tag = tag
        guard EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else {
            throw OpenSSL.failure("EVP_CIPHER_CTX_ctrl")
        }
    }

    private func advance(_ input: [UInt8], into output: UnsafeMutablePointer<UInt8>?) throws -> Int {
        guard let inputCount = Int32(exactly: input.count) else {
            throw InternalFailure("AES-256-GCM takes less than 2 GiB at once")
        }
        var count: Int32 = 0
        guard input.withBytes({ start, _ in EVP_CipherUpdate(handle, output, &count, start, inputCount) }) == 1 else {
            throw OpenSSL.failure("EVP_CipherUpdate")
        }
        return Int(count)
    }
}
