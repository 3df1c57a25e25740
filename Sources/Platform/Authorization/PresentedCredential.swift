import HTTP

/// What a request brings to be known by.
package enum PresentedCredential: Sendable, Equatable {
    case none
    /// Another scheme than `Bearer`.
    case malformed
    /// After `Bearer`: an access token, or a key.
    case bearer(String)
    /// In `X-Api-Key`.
    case key(String)
    /// In session cookies, which count from allowed origins only. Never empty.
    case cookies(SessionCookieValues)
}

extension Request {
    /// The first that is there, good or not: `Authorization`, `X-Api-Key`, the session cookie.
    ///
    /// - Parameter readsKeys: false if `X-Api-Key` means nothing.
    package func presentedCredential(readsKeys: Bool) -> PresentedCredential {
        switch headers.authorization {
        case .bearer(let text): return .bearer(text)
        case .other: return .malformed
        case .absent: break
        }
        if readsKeys, headers.contains(CredentialName.keyHeader) {
            return .key(headers[CredentialName.keyHeader] ?? "")
        }
        let cookies = headers.sessionCookies
        return cookies.isEmpty ? .none : .cookies(cookies)
    }
}
