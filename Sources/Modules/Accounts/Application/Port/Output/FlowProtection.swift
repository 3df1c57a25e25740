import AccountsDomain
import Shared

/// What the secrets of sign-ins with other companies are made and kept by.
package protocol FlowProtection: Sendable {
    /// Always the same of one flow, and of no other.
    func nonce(of flow: ProviderFlow) -> String
    /// Of PKCE (RFC 7636 § 4.1): 43 characters.
    func verifier(of flow: ProviderFlow) -> Secret<String>
    /// SHA-256.
    func digest(_ text: String) -> [UInt8]
    /// Encrypts an answer so that only the browser that has the flow's cookie can have it again.
    func seal(_ answer: [UInt8], for flow: ProviderFlow) throws -> [UInt8]
    /// - Returns: nil if it was not sealed for this flow.
    func open(_ sealed: [UInt8], for flow: ProviderFlow) throws -> [UInt8]?
}
