import AccountsDomain
import HTTP
import Shared

/// How a sign-in with another company begins.
struct StartFlowQuery: LenientInput {
    let returnTo: String?
    let challenge: String?
    let invitation: String?

    init(_ fields: inout Fields) {
        returnTo = fields.optional("return_to", .opaque(max: ReturnRules.bytesMax))
        challenge = fields.optional("code_challenge", .text(43...43))
        _ = fields.optional("code_challenge_method", .choice(["S256"]))
        invitation = fields.optional("invitation", .text(1...64))
    }
}

/// What a provider's callback brings.
struct CallbackQuery: LenientInput {
    let state: String
    let code: String?
    let error: String?
    let issuer: String?

    init(_ fields: inout Fields) {
        state = fields.required("state", .text(22...22))
        code = fields.optional("code", .opaque(max: 4_096))
        error = fields.optional("error", .opaque(max: 200))
        issuer = fields.optional("iss", .opaque(max: 1_024))
        _ = fields.optional("error_description", .opaque(max: 4_096))
    }
}

struct AppCodeBody: LenientInput {
    let code: Secret<String>
    let verifier: Secret<String>

    init(_ fields: inout Fields) {
        code = Secret(fields.required("code", .opaque(max: 100)))
        verifier = Secret(fields.required("code_verifier", .text(43...128)))
    }
}

struct LinkIdentityBody: Input {
    let returnTo: String?

    init(_ fields: inout Fields) {
        returnTo = fields.optional("return_to", .opaque(max: ReturnRules.bytesMax))
    }
}
