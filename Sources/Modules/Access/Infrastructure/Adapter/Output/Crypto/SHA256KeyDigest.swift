import AccessApplication
import Crypto

/// SHA-256 by OpenSSL.
package struct SHA256KeyDigest: KeyDigest {
    package init() {}

    package func digest(of secret: [UInt8]) -> [UInt8] { SHA256.hash(secret) }
}
