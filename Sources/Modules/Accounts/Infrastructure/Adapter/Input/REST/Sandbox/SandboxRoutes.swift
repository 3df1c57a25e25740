import AccountsApplication
import Crypto
import HTTP
import JSON
import Pages
import Shared
import Templates

/// The sandbox of identities, for people and for tests. Development only.
struct SandboxRoutes: Sendable {
    let sandbox: IdentitySandbox
    let providers: IdentityProviders
    let frame: PageFrame

    static let tag = "Development"
    static let object: JSONObject = ["type": "object"]

    var routes: [Route] {
        let oneShape: [Route] = [
            discovery(""), keys(""), authorize(""), SandboxTokenRoute(sandbox: sandbox).route(""), userinfo(""),
        ]
        let shapes = "/{provider}"
        let others: [Route] = [
            discovery(shapes), keys(shapes), authorize(shapes), SandboxTokenRoute(sandbox: sandbox).route(shapes),
            userinfo(shapes), emailsRoute,
        ]
        return [overviewRoute, mischiefRoute] + oneShape + others
    }

    /// - Throws: 404 for a provider that the sandbox does not play.
    static func shape(of request: Request) throws -> SandboxShape {
        guard let shape = SandboxShape(segment: request.pathValues.first) else { throw Problem(.notFound) }
        return shape
    }

    /// Of the two routes of a kind.
    static func operation(_ name: String, _ prefix: String) -> String {
        prefix.isEmpty ? "sandbox\(name)" : "sandboxPlayed\(name)"
    }

    static func answer(_ object: JSONObject, status: Int = 200) -> Response {
        var response = Response.json(JSONValue.object(object).serialized, status: status)
        response.set("Cache-Control", "no-store")
        return response
    }

    private var overviewRoute: Route {
        Route(
            .get, "/dev/identity",
            Operation(
                "showSandbox", "The identity sandbox: who signs in with it, and what it does wrong", tag: Self.tag,
                isPage: true, answers: [.media(200, "text/html", "The sandbox")])
        ) { request in
            let planned = sandbox.planned.sorted { $0.key.rawValue < $1.key.rawValue }
            let isUsed = providers.all.contains { $0.issuer == sandbox.address.issuer(.openID) }
            var content = PageContent(
                "identity_sandbox",
                [
                    "people": .list(SandboxPerson.all.map(Self.values)),
                    "issuer": .text(sandbox.address.issuer(.openID)),
                    "client_id": .text(IdentitySandbox.Address.clientID),
                    "client_secret": .text(IdentitySandbox.Address.clientSecret),
                    "is_used": .flag(isUsed), "has_planned": .flag(!planned.isEmpty),
                    "planned": .list(
                        planned.map { ["kind": .text($0.key.rawValue), "times": .text(String($0.value))] }),
                ], shape: .wide)
            content.title = "Identity sandbox"
            return try frame.show(content, to: request)
        }
    }

    private var mischiefRoute: Route {
        Route(
            .post, "/dev/identity/mischief",
            Operation(
                "planMischief", "Let the identity sandbox do something wrong", tag: Self.tag,
                answers: [.empty(204, "It will")]),
            body: SandboxMischiefBody.self
        ) { _, body in
            guard let kind = body.kind else { throw Problem(.notFound) }
            sandbox.plan(kind, times: body.times)
            return .noContent()
        }
    }

    private func discovery(_ prefix: String) -> Route {
        Route(
            .get, PathTemplate(stringLiteral: "/dev/identity\(prefix)/.well-known/openid-configuration"),
            Operation(
                Self.operation("Discovery", prefix), "The sandbox's discovery document", tag: Self.tag,
                answers: [.document(200, schema: Self.object, "OpenID Connect Discovery 1.0"), .problem(.notFound)])
        ) { request in
            let shape = try Self.shape(of: request)
            guard shape.hasIDToken else { throw Problem(.notFound) }
            let issuer = sandbox.address.issuer(shape)
            return Self.answer([
                "issuer": .string(issuer), "authorization_endpoint": .string("\(issuer)/authorize"),
                "token_endpoint": .string("\(issuer)/token"), "userinfo_endpoint": .string("\(issuer)/userinfo"),
                "jwks_uri": .string("\(issuer)/keys"), "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": .bool(shape == .openID),
            ])
        }
    }

    private func keys(_ prefix: String) -> Route {
        Route(
            .get, PathTemplate(stringLiteral: "/dev/identity\(prefix)/keys"),
            Operation(
                Self.operation("Keys", prefix), "The sandbox's public keys", tag: Self.tag,
                answers: [.document(200, schema: Self.object, "A JWK set"), .problem(.notFound)])
        ) { request in
            guard try Self.shape(of: request).hasIDToken else { throw Problem(.notFound) }
            let jwk = try sandbox.key().publicKey.jwk ?? [:]
            return Self.answer(["keys": [.object(jwk)]])
        }
    }

    private func authorize(_ prefix: String) -> Route {
        Route(
            .get, PathTemplate(stringLiteral: "/dev/identity\(prefix)/authorize"),
            Operation(
                Self.operation("Authorize", prefix), "Choose who signs in", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "The people"), .empty(303, "Back, with a code or a refusal"),
                    .problem(.notFound),
                ]),
            query: SandboxAuthorizeQuery.self
        ) { request, query in
            let shape = try Self.shape(of: request)
            guard query.redirectURI.hasPrefix("\(sandbox.address.appURL)/") else {
                throw Problem(.notFound, "The sandbox leads back to this installation only")
            }
            guard let person = query.person else { return try choice(shape, request, query) }
            return back(shape, person, query)
        }
    }

    private func choice(
        _ shape: SandboxShape, _ request: Request, _ query: SandboxAuthorizeQuery
    ) throws -> Response {
        let asked =
            [
                ("response_type", "code"), ("client_id", IdentitySandbox.Address.clientID),
                ("redirect_uri", query.redirectURI), ("state", query.state), ("code_challenge", query.challenge),
                ("code_challenge_method", "S256"),
            ] + (query.nonce.map { [("nonce", $0)] } ?? [])
        let people = SandboxPerson.all.filter { $0.id != SandboxPerson.chosen }.map { person in
            var values = Self.values(of: person)
            values["link"] = .text("\(request.path)?\(URLQuery.text(asked + [("person", person.id)]))")
            return values
        }
        let chosen = SandboxPerson.all.first { $0.id == SandboxPerson.chosen }
        var content = PageContent(
            "identity_choice",
            [
                "people": .list(people), "path": .text(request.path), "chosen": .text(SandboxPerson.chosen),
                "chosen_address": .text(chosen?.email ?? ""),
                "fields": .list(asked.map { ["name": .text($0.0), "value": .text($0.1)] }),
                "refusal": .text(
                    "\(request.path)?\(URLQuery.text(asked + [("person", SandboxAuthorizeQuery.nobody)]))"),
            ])
        content.title = "Sign in with \(shape.label)"
        return try frame.show(content, to: request)
    }

    private func back(_ shape: SandboxShape, _ id: String, _ query: SandboxAuthorizeQuery) -> Response {
        let mischief = sandbox.take(SandboxMischief.ofThePage)
        var parameters = [("state", query.state)]
        if mischief != .denied, var person = SandboxPerson.all.first(where: { $0.id == id }) {
            if let address = query.address { person.email = address.text }
            let grant = sandbox.grant(
                to: person, shape, redirectURI: query.redirectURI, nonce: query.nonce, challenge: query.challenge)
            let code = mischief == .replay ? sandbox.spentCode(like: grant) : sandbox.code(for: grant)
            parameters.append(("code", code))
            if mischief == .twice { parameters.append(("code", code)) }
        } else {
            parameters += [("error", "access_denied"), ("error_description", "The person said no")]
        }
        if shape == .openID || mischief == .issuerParameter {
            let issuer = sandbox.address.issuer(shape)
            parameters.append(("iss", mischief == .issuerParameter ? "https://issuer.example" : issuer))
        }
        return Response(
            status: 303,
            headers: [
                ("Location", URLQuery.appending(parameters, to: query.redirectURI)), ("Cache-Control", "no-store"),
            ])
    }

    private func userinfo(_ prefix: String) -> Route {
        Route(
            .get, PathTemplate(stringLiteral: "/dev/identity\(prefix)/userinfo"),
            Operation(
                Self.operation("Userinfo", prefix), "Who somebody is, for the bearer of the sandbox's token",
                tag: Self.tag,
                answers: [
                    .document(200, schema: Self.object, "The person"), .problem(.unauthenticated),
                    .problem(.badRequest),
                    .problem(.notFound),
                ])
        ) { request in
            let grant = try grant(of: request)
            return Self.answer(SandboxTokens(sandbox: sandbox).userinfo(grant))
        }
    }

    private var emailsRoute: Route {
        Route(
            .get, "/dev/identity/{provider}/emails",
            Operation(
                "sandboxEmails", "A person's addresses, as GitHub lists them", tag: Self.tag,
                answers: [
                    .document(200, schema: ["type": "array", "items": ["type": "object"]], "The addresses"),
                    .problem(.unauthenticated), .problem(.badRequest), .problem(.notFound),
                ])
        ) { request in
            guard try Self.shape(of: request) == .github else { throw Problem(.notFound) }
            let emails = SandboxTokens(sandbox: sandbox).emails(try grant(of: request))
            return .json(JSONValue.array(emails).serialized)
        }
    }

    /// Of the bearer. What the played providers insist on is insisted on.
    private func grant(of request: Request) throws -> IdentitySandbox.Grant {
        let shape = try Self.shape(of: request)
        guard case .bearer(let token) = request.headers.authorization, let grant = sandbox.grant(of: token, shape)
        else {
            throw Problem.unauthenticated(.unauthenticated)
        }
        switch shape {
        case .sber:
            guard sandbox.isFresh(request.headers["x-introspect-rquid"]) else {
                throw Problem(.badRequest, "x-introspect-rquid must be 32 other hexadecimal digits in each call")
            }
        case .github:
            guard request.headers["user-agent"] != nil, request.headers["x-github-api-version"] != nil else {
                throw Problem(.badRequest, "User-Agent and X-GitHub-Api-Version are needed")
            }
        case .openID, .google: break
        }
        return grant
    }

    private static func values(of person: SandboxPerson) -> TemplateValues {
        [
            "id": .text(person.id), "name": .text("\(person.givenName) \(person.familyName)"),
            "note": .text(person.note), "email": .text(person.email ?? "no address"),
        ]
    }
}
