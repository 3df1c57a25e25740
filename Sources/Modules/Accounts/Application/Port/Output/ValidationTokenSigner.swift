import AccountsContract
import AccountsDomain

/// Makes the text of a mailed link from what the store holds, always the same, and knows it again.
package protocol ValidationTokenSigner: Sendable {
    func text(of token: ValidationToken) -> String
    /// The id that the text names; it proves nothing yet.
    func id(in text: String) -> ValidationID?
    /// Whether the text is the token's, compared in constant time.
    func isGenuine(_ text: String, for token: ValidationToken) -> Bool
    /// The six digits of a sign-in code.
    func digits(of code: SignInCode) -> String
}
