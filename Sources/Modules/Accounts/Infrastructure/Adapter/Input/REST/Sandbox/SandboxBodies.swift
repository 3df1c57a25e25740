import HTTP
import Shared

/// RFC 6749 § 4.1.1 with PKCE, which is demanded, and who is meant.
struct SandboxAuthorizeQuery: LenientInput {
    let redirectURI: String
    let state: String
    let nonce: String?
    let challenge: String
    /// Nil: the page asks.
    let person: String?
    /// Instead of the person's own.
    let address: EmailAddress?

    static let nobody = "nobody"

    init(_ fields: inout Fields) {
        // GitHub has no other, and is not told.
        _ = fields.optional("response_type", .choice(["code"]))
        _ = fields.required("client_id", .choice([IdentitySandbox.Address.clientID]))
        redirectURI = fields.required("redirect_uri", .text(1...2_048))
        state = fields.required("state", .text(1...500))
        nonce = fields.optional("nonce", .text(1...500))
        challenge = fields.required("code_challenge", .text(43...43))
        _ = fields.required("code_challenge_method", .choice(["S256"]))
        person = fields.optional("person", .choice(SandboxPerson.all.map(\.id) + [Self.nobody]))
        address = fields.optional("address", .email)
    }
}

/// RFC 6749 § 4.1.3.
struct SandboxTokenBody: LenientInput {
    let code: String
    let redirectURI: String
    let verifier: String
    let clientID: String?
    let clientSecret: String?

    init(_ fields: inout Fields) {
        _ = fields.required("grant_type", .choice(["authorization_code"]))
        code = fields.required("code", .text(1...500))
        redirectURI = fields.required("redirect_uri", .text(1...2_048))
        verifier = fields.required("code_verifier", .text(43...128))
        clientID = fields.optional("client_id", .text(1...500))
        clientSecret = fields.optional("client_secret", .text(1...500))
    }
}

struct SandboxMischiefBody: Input {
    let kind: SandboxMischief?
    let times: Int

    init(_ fields: inout Fields) {
        kind = SandboxMischief(rawValue: fields.required("kind", .choice(SandboxMischief.allCases.map(\.rawValue))))
        times = fields.optional("times", .integer(0...1_000)) ?? 1
    }
}
