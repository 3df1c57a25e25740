import AccountsApplication
import AccountsDomain
import HTTP
import JSON
import Shared

/// Keeps in a browser the identity for which an address has to be proved: nothing is made before that.
struct PendingIdentityCookie: Sendable {
    private let seal: CookieSeal
    private let isSecure: Bool

    /// Browsers take cookies of 4,096 bytes.
    private static let contentMax = 2_600

    init(seal: CookieSeal, isSecure: Bool) {
        self.seal = seal
        self.isSecure = isSecure
    }

    private var name: String { isSecure ? "__Host-gapura_identity" : "gapura_identity" }

    func cookie(_ identity: PendingIdentity) throws -> Cookie {
        var content = identity.document.serialized
        // Names and pictures are a courtesy.
        if content.count > Self.contentMax { content = identity.withoutClaims.document.serialized }
        return Cookie(
            name: name, value: try seal.seal(content, as: name), maxAge: PendingIdentity.lifetime, isSecure: isSecure)
    }

    var cleared: Cookie { Cookie(name: name, value: "", maxAge: .zero, isSecure: isSecure) }

    /// - Returns: nil if there is none, or its time is over.
    func identity(of request: Request, at now: Timestamp) -> PendingIdentity? {
        request.headers.cookies(name).prefix(5).lazy.compactMap { value in
            seal.open(value, as: name).flatMap { try? JSONValue(parsing: $0) }.flatMap { PendingIdentity(document: $0) }
        }.first { $0.isOpen(at: now) }
    }
}

extension PendingIdentity {
    fileprivate var withoutClaims: PendingIdentity {
        PendingIdentity(
            provider: provider,
            profile: ExternalProfile(
                issuer: profile.issuer, subject: profile.subject, email: profile.email, emailTrust: profile.emailTrust,
                claims: IdentityClaims(hostedDomain: profile.claims.hostedDomain, tenantID: profile.claims.tenantID)),
            proof: proof, returnTo: returnTo, challenge: challenge, madeAt: madeAt)
    }

    fileprivate var document: JSONValue {
        let claims = profile.claims
        let texts: [(String, String?)] = [
            ("provider", provider.text), ("issuer", profile.issuer), ("subject", profile.subject),
            ("email", profile.email?.text), ("trust", profile.emailTrust.rawValue), ("name", claims.name),
            ("given_name", claims.givenName), ("family_name", claims.familyName), ("picture", claims.picture),
            ("locale", claims.locale), ("hd", claims.hostedDomain), ("tid", claims.tenantID),
            ("amr", proof.methodsText), ("acr", proof.level.rawValue), ("return_to", returnTo),
            ("challenge", challenge.map { Base64URL.encode($0) }),
        ]
        var object = JSONObject()
        for (name, text) in texts { if let text { object[name] = .string(text) } }
        object["auth_time"] = .integer(proof.at.milliseconds)
        object["made_at"] = .integer(madeAt.milliseconds)
        return .object(object)
    }

    fileprivate init?(document: JSONValue) {
        guard case .object(let object) = document else { return nil }
        func text(_ name: String) -> String? { object[name]?.text }
        func time(_ name: String) -> Timestamp? { object[name]?.integer.map { Timestamp(milliseconds: $0) } }
        guard let provider = text("provider"), let issuer = text("issuer"), let subject = text("subject"),
            let trust = text("trust").flatMap({ EmailTrust(rawValue: $0) }), let methods = text("amr"),
            let level = text("acr").flatMap({ AssuranceLevel(rawValue: $0) }), let at = time("auth_time"),
            let madeAt = time("made_at")
        else { return nil }
        let claims = IdentityClaims(
            name: text("name"), givenName: text("given_name"), familyName: text("family_name"),
            picture: text("picture"), locale: text("locale"), hostedDomain: text("hd"), tenantID: text("tid"))
        self.init(
            provider: ProviderName(stored: provider),
            profile: ExternalProfile(
                issuer: issuer, subject: subject, email: text("email").flatMap { EmailAddress($0) }, emailTrust: trust,
                claims: claims),
            proof: SignInProof(SignInProof.methods(text: methods), level: level, at: at), returnTo: text("return_to"),
            challenge: text("challenge").flatMap { Base64URL.decode($0) }, madeAt: madeAt)
    }
}
