import Crypto
import JSON
import Shared

/// What the sandbox says of a person, as each of its shapes says it, and wrongly where it was told to.
struct SandboxTokens: Sendable {
    let sandbox: IdentitySandbox

    private static let lifetime: Duration = .seconds(300)

    func idToken(_ grant: IdentitySandbox.Grant) throws -> String {
        let mischief = sandbox.take(SandboxMischief.ofTheToken)
        let claims = JSONValue.object(claims(of: grant, mischief)).serialized
        let key = try mischief == .rotate ? sandbox.newKey() : sandbox.key()
        switch mischief {
        case .algorithmNone: return "\(Self.part(["alg": "none"])).\(Base64URL.encode(claims))."
        case .publicKeyAsSecret:
            let header: JSONObject = ["alg": "HS256", "kid": .string(key.kid)]
            let signed = "\(Self.part(header)).\(Base64URL.encode(claims))"
            let secret = JSONValue.object(key.publicKey.jwk ?? [:]).serialized
            let signature = HMACKey(Secret(secret)).authenticate(Array(signed.utf8))
            return "\(signed).\(Base64URL.encode(signature))"
        case .unknownKey:
            let other = try PrivateSigningKey.generate(.rs256)
            return try JWT.sign(claims: claims, type: "JWT", kid: other.kid, with: other)
        default: return try JWT.sign(claims: claims, type: "JWT", kid: key.kid, with: key)
        }
    }

    private static func part(_ header: JSONObject) -> String {
        Base64URL.encode(JSONValue.object(header).serialized)
    }

    private func claims(of grant: IdentitySandbox.Grant, _ mischief: SandboxMischief?) -> JSONObject {
        let now = sandbox.clock.now
        var (issued, expiry) = (now, now + Self.lifetime)
        if mischief == .expired { (issued, expiry) = (now - .seconds(400), now - .seconds(100)) }
        if mischief == .future { (issued, expiry) = (now + .seconds(3_600), now + .seconds(7_200)) }
        let issuer = sandbox.address.issuer(grant.shape)
        var claims: JSONObject = [
            "iss": .string(mischief == .iss ? "https://issuer.example" : issuer),
            "sub": .string(grant.person.id),
            "aud": .string(mischief == .aud ? "another-client" : IdentitySandbox.Address.clientID),
            "iat": .integer(issued.seconds), "exp": .integer(expiry.seconds),
            "auth_time": .integer(grant.signedInAt.seconds), "amr": ["pwd"],
        ]
        if let nonce = grant.nonce { claims["nonce"] = .string(mischief == .nonce ? "another-nonce" : nonce) }
        // What its userinfo says otherwise is not said here, so that it is asked.
        if grant.shape == .google, grant.mischief != .subjectDiffers {
            for member in profile(of: grant).members { claims[member.key] = member.value }
        }
        return claims
    }

    /// `userinfo` of OpenID Connect and of Sber ID, `user` of GitHub.
    func userinfo(_ grant: IdentitySandbox.Grant) -> JSONObject {
        let person = grant.person
        let subject = grant.mischief == .subjectDiffers ? "somebody-else" : person.id
        switch grant.shape {
        case .github:
            return [
                "id": .integer(Int64(grant.mischief == .subjectDiffers ? person.number + 1 : person.number)),
                "login": .string(person.givenName.lowercased().replacing(" ", with: "-")),
                "name": .string("\(person.givenName) \(person.familyName)"),
                // What a person shows, which need not be theirs.
                "email": "shown@example.com",
            ]
        case .sber:
            var answer: JSONObject = [
                "sub": .string(subject), "iss": .string(sandbox.address.issuer(.sber)),
                "aud": .string(IdentitySandbox.Address.clientID), "given_name": .string(person.givenName),
                "family_name": .string(person.familyName),
            ]
            answer["email"] = email(of: grant).map { .string($0.text) }
            return answer
        case .openID, .google:
            var answer = profile(of: grant)
            answer["sub"] = .string(subject)
            return answer
        }
    }

    /// `user/emails` of GitHub.
    func emails(_ grant: IdentitySandbox.Grant) -> [JSONValue] {
        let hidden: JSONValue = [
            "email": .string("\(grant.person.number)+\(grant.person.id)@users.noreply.github.com"), "primary": false,
            "verified": true,
        ]
        guard let email = email(of: grant) else { return [hidden] }
        return [hidden, ["email": .string(email.text), "primary": true, "verified": .bool(email.isVerified)]]
    }

    private func profile(of grant: IdentitySandbox.Grant) -> JSONObject {
        let person = grant.person
        var profile: JSONObject = [
            "name": .string("\(person.givenName) \(person.familyName)"), "given_name": .string(person.givenName),
            "family_name": .string(person.familyName), "locale": "en",
        ]
        if let email = email(of: grant) {
            profile["email"] = .string(email.text)
            profile["email_verified"] = .bool(email.isVerified)
        }
        if grant.shape == .google, let domain = person.hostedDomain { profile["hd"] = .string(domain) }
        return profile
    }

    private func email(of grant: IdentitySandbox.Grant) -> (text: String, isVerified: Bool)? {
        switch grant.mischief {
        case .noEmail: nil
        case .otherEmail: ("another@example.net", true)
        case .unverified: grant.person.email.map { ($0, false) }
        default: grant.person.email.map { ($0, grant.person.isVerified) }
        }
    }
}
