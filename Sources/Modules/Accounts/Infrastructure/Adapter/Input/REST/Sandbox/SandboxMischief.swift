/// What the sandbox does wrong when it is told to.
enum SandboxMischief: String, Sendable, CaseIterable {
    // At the page.
    case denied, replay, twice
    case issuerParameter = "iss_param"
    // In the id_token.
    case nonce, aud, iss, expired, future
    case algorithmNone = "alg_none"
    case publicKeyAsSecret = "hs256_with_public_key"
    case unknownKey = "unknown_kid"
    case rotate
    // About the person.
    case subjectDiffers = "sub_differs"
    case noEmail = "no_email"
    case unverified
    case otherEmail = "other_email"
    // At the token endpoint.
    case slow, redirect, html
    case error500 = "error_500"
    case cutAfterExchange = "cut_after_exchange"
    case hugeBody = "huge_body"

    static let ofThePage: [SandboxMischief] = [.denied, .replay, .twice, .issuerParameter]
    static let ofTheToken: [SandboxMischief] = [
        .nonce, .aud, .iss, .expired, .future, .algorithmNone, .publicKeyAsSecret, .unknownKey, .rotate,
    ]
    static let ofThePerson: [SandboxMischief] = [.subjectDiffers, .noEmail, .unverified, .otherEmail]
    static let ofTheEndpoint: [SandboxMischief] = [.slow, .redirect, .html, .error500, .cutAfterExchange, .hugeBody]
}
