import JSON
import Shared

/// Verifies tokens of one use, issuer and audience, by the rules of RFC 7519 and RFC 8725: what costs little is
/// checked first, the signature last, and nothing of the token chooses how it is verified.
package struct JWTVerifier: Sendable {
    private let type: String?
    private let issuer: String
    private let audience: String
    private let leeway: Duration
    private let sizeMax: ByteCount

    /// - Parameters:
    ///   - type: what `typ` must say, in any case, with or without `application/`. Nil for tokens of issuers that do
    ///     not type theirs: then `typ` must be absent or `JWT`.
    ///   - issuer: what `iss` must be, byte for byte.
    ///   - audience: what `aud` must be or hold, byte for byte.
    ///   - leeway: how far ahead `nbf` and `iat` may be; `exp` has none.
    ///   - sizeMax: of the whole token.
    package init(
        type: String?, issuer: String, audience: String, leeway: Duration = .seconds(30),
        sizeMax: ByteCount = .kibibytes(8)
    ) {
        self.type = type.map(Self.mediaType)
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
        self.sizeMax = sizeMax
    }

    /// - Parameters:
    ///   - mayBeExpired: to know what was issued once; such a token opens nothing.
    ///   - key: the key of that `kid`, which names its own algorithm. Keys that the token brings or points to (`jwk`,
    ///     `jku`, `x5c`, `x5u`) are never looked at.
    /// - Returns: the claims, an object.
    package func verify(
        _ token: String, at now: Timestamp, mayBeExpired: Bool = false, key: (_ kid: String) -> PublicVerificationKey?
    ) throws(JWTError) -> JSONValue {
        let parts = try JWTParts(token, sizeMax: sizeMax.bytes)
        let key = try self.key(for: parts.header, among: key)
        try checkClaims(parts.claims, at: now, mayBeExpired: mayBeExpired)
        guard key.verify(parts.signature, for: parts.signed) else { throw .signature }
        return .object(parts.claims)
    }

    private func key(
        for header: JSONObject, among key: (String) -> PublicVerificationKey?
    ) throws(JWTError) -> PublicVerificationKey {
        // No extension is understood here, so any that must be is a reason to refuse (RFC 7515 § 4.1.11).
        guard header["crit"] == nil else { throw .criticalHeader }
        guard let name = header["alg"] else { throw .malformed }
        guard let algorithm = name.text.flatMap(SigningAlgorithm.init) else { throw .algorithm }
        try checkType(header["typ"])
        guard let kid = header["kid"]?.text else { throw .malformed }
        guard let key = key(kid) else { throw .unknownKey }
        guard key.algorithm == algorithm else { throw .algorithm }
        return key
    }

    private func checkType(_ given: JSONValue?) throws(JWTError) {
        guard let given else {
            if type == nil { return }
            throw .type
        }
        guard let text = given.text, Self.mediaType(text) == type ?? "jwt" else { throw .type }
    }

    private func checkClaims(_ claims: JSONObject, at now: Timestamp, mayBeExpired: Bool) throws(JWTError) {
        guard let issuer = claims["iss"]?.text, Self.isSame(issuer, self.issuer) else { throw .issuer }
        guard let expiry = try Self.moment(claims["exp"]) else { throw .malformed }
        guard mayBeExpired || now < expiry else { throw .expired }
        guard Self.names(claims["aud"], audience) else { throw .audience }
        for claim in ["nbf", "iat"] {
            if let moment = try Self.moment(claims[claim]), moment > now + leeway { throw .notYetValid }
        }
    }

    /// Whether `aud` is the audience or a list that holds it (RFC 7519 § 4.1.3).
    private static func names(_ claim: JSONValue?, _ audience: String) -> Bool {
        switch claim {
        case .string(let text): isSame(text, audience)
        case .array(let elements): elements.contains { $0.text.map { isSame($0, audience) } ?? false }
        default: false
        }
    }

    /// A NumericDate; nil if the claim is absent. One beyond all times counts as the last or the first of them.
    private static func moment(_ claim: JSONValue?) throws(JWTError) -> Timestamp? {
        switch claim {
        case nil: return nil
        case .integer(let seconds): return Timestamp(milliseconds: saturated(Double(seconds) * 1_000))
        case .number(let seconds): return Timestamp(milliseconds: saturated((seconds * 1_000).rounded(.down)))
        default: throw .malformed
        }
    }

    /// Exact for every time within 285,000 years of 1970.
    private static func saturated(_ milliseconds: Double) -> Int64 {
        Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }

    /// Byte for byte: `==` of strings takes canonically equivalent ones for equal.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// Lower-case and without `application/` (RFC 7515 § 4.1.9).
    private static func mediaType(_ text: String) -> String {
        let lower = String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
        let prefix = "application/"
        return lower.hasPrefix(prefix) ? String(lower.dropFirst(prefix.count)) : lower
    }
}
