import Shared

/// The installation's root secret: it wraps the secrets that are stored and derives those that were not given.
///
/// It is never used raw. The wrapping key, the key's identifier and every derived secret come from it by HKDF, each
/// under a name of its own, so that none tells anything about another.
package struct MasterKey: Sendable {
    package static let byteCount = 32

    private static let version: UInt8 = 1
    private static let keyIDByteCount = 8
    private static let headerByteCount = 1 + keyIDByteCount

    private struct WrappingKey {
        let id: [UInt8]
        let key: Secret<[UInt8]>
    }

    private let root: Secret<[UInt8]>
    private let olderRoots: [Secret<[UInt8]>]
    private let wrapping: WrappingKey
    private let unwrapping: [WrappingKey]
    private let random: any RandomSource

    /// - Parameters:
    ///   - keys: at least one, each of 32 bytes, no two equal: the first wraps and derives, all unwrap.
    ///   - random: makes the nonces; anything but a cryptographic generator breaks the secrecy.
    package init(
        keys: [Secret<[UInt8]>], random: any RandomSource = SystemRandomSource()
    ) throws(MasterKeyError) {
        guard let first = keys.first else { throw .noKey }
        var all: [WrappingKey] = []
        for (index, key) in keys.enumerated() {
            let count = key.reveal().count
            guard count == Self.byteCount else { throw .wrongLength(position: index + 1, byteCount: count) }
            let id = HKDF.derive(from: key, info: Array("gapura/master-key/id/1".utf8), count: Self.keyIDByteCount)
            let wrapping = HKDF.derive(
                from: key, info: Array("gapura/master-key/wrap/1".utf8), count: AES256GCM.keyByteCount)
            guard !all.contains(where: { $0.id == id.reveal() }) else { throw .repeated(position: index + 1) }
            all.append(WrappingKey(id: id.reveal(), key: wrapping))
        }
        root = first
        olderRoots = Array(keys.dropFirst())
        wrapping = all[0]
        unwrapping = all
        self.random = random
    }

    /// Encrypts by AES-256-GCM: version byte, key identifier (8 bytes), nonce (12), ciphertext, tag (16). The nonce is
    /// random, so one key is good for 2³² secrets.
    ///
    /// - Parameter context: where the secret belongs, such as table, row and column; it must be given again.
    /// - Throws: `InternalFailure`.
    package func wrap(_ plaintext: [UInt8], boundTo context: String) throws -> [UInt8] {
        let header = [Self.version] + wrapping.id
        let nonce = random.bytes(AES256GCM.nonceByteCount)
        return try header + nonce
            + AES256GCM.seal(plaintext, key: wrapping.key, nonce: nonce, header: header + context.utf8)
    }

    /// - Throws: `UnwrapError`, or `InternalFailure` if the library fails.
    package func unwrap(_ wrapped: [UInt8], boundTo context: String) throws -> Secret<[UInt8]> {
        guard wrapped.count >= Self.headerByteCount + AES256GCM.nonceByteCount + AES256GCM.tagByteCount,
            wrapped[0] == Self.version
        else { throw UnwrapError.malformed }
        let header = wrapped[..<Self.headerByteCount]
        guard let key = unwrapping.first(where: { $0.id.elementsEqual(header.dropFirst()) }) else {
            throw UnwrapError.unknownKey
        }
        let body = wrapped[Self.headerByteCount...]
        let plaintext = try AES256GCM.open(
            body.dropFirst(AES256GCM.nonceByteCount), key: key.key, nonce: body.prefix(AES256GCM.nonceByteCount),
            header: Array(header) + context.utf8)
        guard let plaintext else { throw UnwrapError.notAuthentic }
        return Secret(plaintext)
    }

    /// Whether `wrapped` was made by another key than the first, and should be wrapped again.
    package func needsRewrapping(_ wrapped: [UInt8]) -> Bool {
        !wrapped.starts(with: [Self.version] + wrapping.id)
    }

    /// A secret for one purpose, always the same for the same first key.
    ///
    /// - Parameters:
    ///   - purpose: such as `refresh-token`; two purposes give independent secrets.
    ///   - count: 1 to 8,160 bytes.
    package func derive(_ purpose: String, count: Int = 32) -> Secret<[UInt8]> {
        Self.derive(purpose, from: root, count: count)
    }

    /// What the other keys derive for a purpose: what was made under a key that was once the first is known by them.
    package func deriveOlder(_ purpose: String) -> [Secret<[UInt8]>] {
        olderRoots.map { Self.derive(purpose, from: $0, count: Self.byteCount) }
    }

    private static func derive(_ purpose: String, from root: Secret<[UInt8]>, count: Int) -> Secret<[UInt8]> {
        HKDF.derive(from: root, info: Array("gapura/master-key/derive/1/\(purpose)".utf8), count: count)
    }
}

/// Why bytes cannot be unwrapped.
package enum UnwrapError: Error, Sendable, Equatable {
    /// Too short, or of a version that is not known.
    case malformed
    /// Wrapped by a key that is not among the master keys.
    case unknownKey
    /// Changed, or bound to another context.
    case notAuthentic
}
