/// Under which names requests carry credentials, beside `Authorization`.
package enum CredentialName {
    /// A browser's access token, for every path. Its name where the cookie is for several hosts or comes without TLS,
    /// and everywhere in 0.1.0.
    package static let sessionCookie = "gapura_session"
    /// The same of one host over TLS: by the prefix a browser takes it from no other host (RFC 6265bis § 4.1.3.2).
    package static let hostSessionCookie = "__Host-gapura_session"
    /// A browser's refresh token, only where it is used.
    package static let refreshCookie = "refresh_token"
    /// Says to gateways that a browser could be signed in again without its owner. No secret.
    package static let hintCookie = "gapura_hint"
    /// A program's key.
    package static let keyHeader = "X-Api-Key"
}
