import Shared

/// Sends the verification mail again. Tells nobody whether the address is known.
package protocol RequestVerification: Sendable {
    func callAsFunction(email: EmailAddress) async throws
}
