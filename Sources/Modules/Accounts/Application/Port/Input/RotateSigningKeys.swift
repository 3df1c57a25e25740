/// Keys by hand.
package protocol RotateSigningKeys: Sendable {
    /// Publishes a new key that signs in an hour.
    ///
    /// - Returns: its kid.
    func rotate() async throws -> String

    /// Ends a key at once: every token that it signed is refused.
    ///
    /// - Returns: false if there is no such key.
    func revoke(_ kid: String) async throws -> Bool
}
