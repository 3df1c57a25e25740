import Crypto
import HTTP
import JSON
import Shared

/// The sandbox's token endpoint (RFC 6749 § 3.2), strict where providers are.
struct SandboxTokenRoute: Sendable {
    let sandbox: IdentitySandbox

    /// Longer than anybody should wait.
    private static let slowness: Duration = .seconds(12)
    private static let hugeBytes = 2 << 20

    func route(_ prefix: String) -> Route {
        Route(
            .post, PathTemplate(stringLiteral: "/dev/identity\(prefix)/token"),
            Operation(
                SandboxRoutes.operation("Token", prefix), "Give a code for the sandbox's tokens",
                tag: SandboxRoutes.tag,
                answers: [
                    .document(200, schema: SandboxRoutes.object, "The tokens"),
                    .document(400, schema: SandboxRoutes.object, "A refusal (RFC 6749, section 5.2)"),
                    .document(401, schema: SandboxRoutes.object, "Another client (RFC 6749, section 5.2)"),
                    .problem(.notFound),
                ]),
            body: SandboxTokenBody.self, formats: [.form]
        ) { request, body in
            try await answer(request, body)
        }
    }

    private func answer(_ request: Request, _ body: SandboxTokenBody) async throws -> Response {
        let shape = try SandboxRoutes.shape(of: request)
        guard isOurClient(request, body) else { return Self.refusal("invalid_client", status: 401) }
        if shape == .sber, !sandbox.isFresh(request.headers["rquid"]) { return Self.refusal("invalid_request") }
        let mischief = sandbox.take(SandboxMischief.ofTheEndpoint)
        if let mischief, mischief != .cutAfterExchange { return try await misbehaved(mischief, shape) }
        guard
            var grant = sandbox.redeem(
                body.code, shape, redirectURI: body.redirectURI, verifier: body.verifier)
        else { return shape == .github ? Self.refusalOfGitHub : Self.refusal("invalid_grant") }
        grant.mischief = sandbox.take(SandboxMischief.ofThePerson)
        let access = sandbox.accessToken(for: grant)
        var tokens: JSONObject = [
            "access_token": .string(access), "token_type": "Bearer", "expires_in": 300,
            "scope": "openid profile email",
        ]
        if shape.hasIDToken { tokens["id_token"] = .string(try SandboxTokens(sandbox: sandbox).idToken(grant)) }
        guard mischief == .cutAfterExchange else { return SandboxRoutes.answer(tokens) }
        let whole = JSONValue.object(tokens).serialized
        return .json(Array(whole.prefix(whole.count / 2)))
    }

    /// One way of the two, and not both.
    private func isOurClient(_ request: Request, _ body: SandboxTokenBody) -> Bool {
        let pair = "\(IdentitySandbox.Address.clientID):\(IdentitySandbox.Address.clientSecret)"
        let header = request.headers["authorization"]
        guard let header else {
            return body.clientID == IdentitySandbox.Address.clientID
                && body.clientSecret == IdentitySandbox.Address.clientSecret
        }
        return body.clientSecret == nil && header == "Basic \(StandardBase64.encodePadded(Array(pair.utf8)))"
    }

    private func misbehaved(_ mischief: SandboxMischief, _ shape: SandboxShape) async throws -> Response {
        switch mischief {
        case .slow:
            try await Task.sleep(for: Self.slowness)
            return Self.refusal("temporarily_unavailable")
        case .redirect:
            return Response(status: 302, headers: [("Location", "\(sandbox.address.issuer(shape))/keys")])
        case .html: return .page("<!doctype html><title>Sign in</title>")
        case .hugeBody:
            return .json(
                Array(#"{"access_token": ""#.utf8) + [UInt8](repeating: 0x61, count: Self.hugeBytes)
                    + Array(#""}"#.utf8))
        default: return .text("It broke.", status: 500)
        }
    }

    private static func refusal(_ error: String, status: Int = 400) -> Response {
        SandboxRoutes.answer(["error": .string(error)], status: status)
    }

    /// With 200, as GitHub has it.
    private static var refusalOfGitHub: Response { SandboxRoutes.answer(["error": "bad_verification_code"]) }
}
