/// The one-way function of which the store keeps the result instead of a key's secret.
package protocol KeyDigest: Sendable {
    /// - Parameter secret: the bytes of `APIKeyText.secret`.
    /// - Returns: 32 bytes: SHA-256 (FIPS 180-4).
    func digest(of secret: [UInt8]) -> [UInt8]
}
