internal import COpenSSL
import Shared

/// One-time passwords by a counter (RFC 4226), and so those by the time (RFC 6238): six digits of HMAC-SHA-1. Nothing else
/// here uses SHA-1; this is what every authenticator app speaks, and a keyed hash needs no collision resistance.
package enum HOTP {
    /// - Parameters:
    ///   - secret: of 20 bytes (RFC 4226 § 4).
    ///   - counter: of RFC 6238 the step of time.
    package static func code(secret: Secret<[UInt8]>, counter: UInt64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
        var tag = [UInt8](repeating: 0, count: 20)
        let done = secret.reveal().withBytes { key, count in
            gapura_hmac_sha1(key, count, message, message.count, &tag)
        }
        precondition(done == 1, "HMAC fails only without memory")
        let offset = Int(tag[19] & 0x0F)
        let number = tag[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}
