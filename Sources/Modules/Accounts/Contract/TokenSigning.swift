/// Signs what other modules state, by the installation's keys, which anybody can check by the published key set.
package protocol TokenSigning: Sendable {
    /// The `iss` of what is signed.
    var issuer: String { get }
    /// The `kid` of the key that signs now. What was signed by another one may not be believed any more.
    var keyID: String { get }

    /// A JWT (RFC 7519). It can be taken for nothing of another type; nobody signs in by it.
    ///
    /// - Parameters:
    ///   - claims: a JSON object as it shall stand in the token, with an `exp` within ten minutes.
    ///   - type: its `typ`; not one of Accounts' own.
    /// - Throws: `InternalFailure` if the library fails or the type is Accounts' own.
    func sign(claims: [UInt8], type: String) throws -> SignedToken
}

/// A token and the key that signed it.
package struct SignedToken: Sendable, Equatable {
    package let text: String
    package let keyID: String

    package init(text: String, keyID: String) {
        self.text = text
        self.keyID = keyID
    }
}
