import Shared

/// The public part of a key, by which the store finds it: ten base-62 digits.
package struct APIKeyPrefix: Sendable, Hashable, CustomStringConvertible {
    package static let length = 10

    /// The digits as a number: quick to compare and to hash.
    let number: UInt64

    init(number: UInt64) { self.number = number }

    /// Nil for anything but ten base-62 digits.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length else { return nil }
        var number: UInt64 = 0
        for byte in text.utf8 {
            let value = Base62.value(of: byte)
            guard value != 0xFF else { return nil }
            number = number * 62 + UInt64(value)
        }
        self.number = number
    }

    /// Of a key's whole text, whose other parts are not looked at; nil for anything that cannot be one.
    package init?(ofKey text: Span<UInt8>) {
        guard text.count == APIKeyText.length else { return nil }
        var number: UInt64 = 0
        let start = APIKeyText.marker.count
        for index in start..<start + Self.length {
            let value = Base62.value(of: text[index])
            guard value != 0xFF else { return nil }
            number = number * 62 + UInt64(value)
        }
        self.number = number
    }

    package var description: String { String(decoding: Base62.encode(number, count: Self.length), as: UTF8.self) }
}

/// A key as it is carried: `gpk_<prefix>_<secret>`, whose last six characters are a checksum. A secret scanner knows
/// a true one without asking anybody: `gpk_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}`, where the last six are the CRC-32 of all
/// that is before them, in base 62.
package struct APIKeyText: Sendable {
    /// In bytes: marker, prefix, `_`, secret, checksum.
    package static let length = marker.count + APIKeyPrefix.length + 1 + secretLength + checksumLength

    fileprivate static let marker = Array("gpk_".utf8)
    /// 190 bits.
    private static let secretLength = 32
    private static let checksumLength = 6
    private static let secretStart = marker.count + APIKeyPrefix.length + 1
    private static let checksumStart = secretStart + secretLength

    package let prefix: APIKeyPrefix
    /// What is digested for the store.
    package let secret: Secret<[UInt8]>

    /// A new key.
    ///
    /// - Parameter prefix: of a key that gets another secret; nil for a new one.
    package init(random: any RandomSource, prefix: APIKeyPrefix? = nil) {
        var source = Base62Source(random)
        var number: UInt64 = 0
        for _ in 0..<APIKeyPrefix.length { number = number * 62 + UInt64(source.next()) }
        self.prefix = prefix ?? APIKeyPrefix(number: number)
        secret = Secret((0..<Self.secretLength).map { _ in Base62.digits[Int(source.next())] })
    }

    /// Reads a key. The work depends on the length alone: every byte is looked at, whichever is wrong.
    ///
    /// - Returns: nil if it is none, or has a typing error.
    package init?(_ text: Span<UInt8>) {
        guard text.count == Self.length else { return nil }
        var wrong: UInt8 = 0
        for index in Self.marker.indices { wrong |= text[index] ^ Self.marker[index] }
        wrong |= text[Self.secretStart - 1] ^ UInt8(ascii: "_")
        var prefix: UInt64 = 0
        for index in Self.marker.count..<Self.secretStart - 1 {
            let value = Base62.value(of: text[index])
            wrong |= value & 0xC0
            prefix = prefix &* 62 &+ UInt64(value)
        }
        var secret: [UInt8] = []
        secret.reserveCapacity(Self.secretLength)
        for index in Self.secretStart..<Self.checksumStart {
            wrong |= Base62.value(of: text[index]) & 0xC0
            secret.append(text[index])
        }
        var checksum: UInt64 = 0
        for index in Self.checksumStart..<Self.length {
            let value = Base62.value(of: text[index])
            wrong |= value & 0xC0
            checksum = checksum &* 62 &+ UInt64(value)
        }
        guard wrong == 0, checksum == UInt64(CRC32.checksum(text.extracting(..<Self.checksumStart))) else {
            return nil
        }
        self.prefix = APIKeyPrefix(number: prefix)
        self.secret = Secret(secret)
    }

    package init?(_ text: String) { self.init(text.utf8.span) }

    /// The whole key, to be shown once.
    package var text: Secret<String> {
        let head = Self.marker + Base62.encode(prefix.number, count: APIKeyPrefix.length) + [UInt8(ascii: "_")]
        let body = head + secret.reveal()
        let checksum = Base62.encode(UInt64(CRC32.checksum(body.span)), count: Self.checksumLength)
        return Secret(String(decoding: body + checksum, as: UTF8.self))
    }

    /// Whether a bearer credential is meant as a key, so that it is not tried as a token.
    package static func isMeant(_ text: Span<UInt8>) -> Bool {
        guard text.count >= marker.count else { return false }
        for index in marker.indices where text[index] != marker[index] { return false }
        return true
    }
}

/// Digits of which each is as likely as any other: bytes that would favour some are thrown away.
private struct Base62Source {
    private let random: any RandomSource
    private var bytes: [UInt8] = []

    init(_ random: any RandomSource) { self.random = random }

    mutating func next() -> UInt8 {
        while true {
            if bytes.isEmpty { bytes = random.bytes(64) }
            let value = bytes.removeLast() & 0x3F
            if value < 62 { return value }
        }
    }
}
