/// Under which names requests carry credentials, beside `Authorization`.
package enum CredentialName {
    /// A browser's access token, for every path.
    package static let sessionCookie = "gapura_session"
    /// A browser's refresh token, only where it is used.
    package static let refreshCookie = "refresh_token"
    /// A program's key.
    package static let keyHeader = "X-Api-Key"
}
