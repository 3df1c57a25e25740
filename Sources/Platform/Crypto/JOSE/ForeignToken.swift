import JSON
import Shared

/// A signed token of another issuer, taken apart. Nothing in it is believed yet.
package struct ForeignToken: Sendable {
    private let parts: JWTParts

    /// - Parameter sizeMax: of the whole text, checked before all else.
    /// - Throws: `JWTError.oversized` or `JWTError.malformed`; an encrypted one (JWE) has five parts and is malformed.
    package init(_ text: String, sizeMax: ByteCount) throws(JWTError) {
        parts = try JWTParts(text, sizeMax: sizeMax.bytes)
    }

    package var header: JSONObject { parts.header }
    package var claims: JSONObject { parts.claims }

    /// - Parameter algorithm: decided by whoever verifies, among what the key allows.
    package func isSigned(by key: ForeignKey, with algorithm: ForeignAlgorithm) -> Bool {
        key.verify(parts.signature, for: parts.signed, with: algorithm)
    }
}
