import AccountsApplication
import Crypto
import JSON
import Shared

/// The checks of an id_token (OpenID Connect Core 1.0 § 3.1.3.7, RFC 8725), in the order in which they are made.
struct IDTokenRules: Sendable {
    /// Whose token it has to be.
    enum Issuer: Sendable, Equatable {
        case exactly(String)
        /// One issuer for each tenant: `{tenantid}` stands for the claim `tid`.
        case template(String)
    }

    let issuer: Issuer
    let clientID: String
    let algorithms: Set<ForeignAlgorithm>
    let leeway: Duration

    static let sizeMax = ByteCount.kibibytes(16)
    private static let ageMax: Duration = .seconds(600)

    /// Before any key: size, parts, `alg`.
    func open(_ text: String) throws(IDTokenFlaw) -> (token: ForeignToken, algorithm: ForeignAlgorithm) {
        let token = try Self.parse(text)
        guard let algorithm = token.header["alg"]?.text.flatMap(ForeignAlgorithm.init), algorithms.contains(algorithm)
        else { throw .algorithm }
        return (token, algorithm)
    }

    /// Only size and parts; for tokens whose signature is not what they are believed for.
    static func parse(_ text: String) throws(IDTokenFlaw) -> ForeignToken {
        let token: ForeignToken
        do throws(JWTError) {
            token = try ForeignToken(text, sizeMax: sizeMax)
        } catch {
            throw error == .oversized ? .oversized : .malformed
        }
        guard token.header["crit"] == nil else { throw .criticalHeader }
        return token
    }

    /// Whether one of the keys signed it.
    func check(
        _ token: ForeignToken, _ algorithm: ForeignAlgorithm, by candidates: [ForeignKey]
    ) throws(IDTokenFlaw) {
        guard !candidates.isEmpty else { throw .unknownKey }
        let fitting = candidates.filter { $0.algorithms.contains(algorithm) }
        guard !fitting.isEmpty else { throw .keyAlgorithm }
        guard fitting.contains(where: { token.isSigned(by: $0, with: algorithm) }) else { throw .signature }
    }

    /// - Parameters:
    ///   - accessTokenHash: of the access token that came along, the whole digest by the algorithm; nil if there is none
    ///     or it cannot be told.
    func check(
        _ claims: JSONObject, of flow: FlowRequest, accessTokenHash: [UInt8]?, at now: Timestamp
    ) throws(IDTokenFlaw) {
        guard ClaimText.isSame(claims["iss"]?.text, issuer(of: claims)) else { throw .issuer }
        try checkAudience(claims)
        try checkTimes(claims, now)
        guard let nonce = claims["nonce"]?.text, constantTimeEqual(Array(nonce.utf8), Array(flow.nonce.utf8)) else {
            throw .nonce
        }
        if let claim = claims["at_hash"] {
            guard let accessTokenHash, let text = claim.text,
                constantTimeEqual(
                    Array(text.utf8), Base64URL.encodeBytes(accessTokenHash.prefix(accessTokenHash.count / 2)))
            else { throw .accessTokenHash }
        }
        if let maxAge = flow.maxAge { try checkAuthenticationTime(claims, maxAge, since: flow.startedAt, now) }
        guard ClaimText.subject(claims["sub"]?.text) != nil else { throw .subject }
    }

    /// What `iss` has to be.
    func issuer(of claims: JSONObject) -> String {
        switch issuer {
        case .exactly(let issuer): issuer
        case .template(let template):
            template.replacing(Self.tenantPlaceholder, with: claims["tid"]?.text ?? "")
        }
    }

    static let tenantPlaceholder = "{tenantid}"

    private func checkAudience(_ claims: JSONObject) throws(IDTokenFlaw) {
        let audiences: [String?]
        switch claims["aud"] {
        case .string(let text): audiences = [text]
        case .array(let elements): audiences = elements.map(\.text)
        default: throw .audience
        }
        guard audiences.contains(where: { ClaimText.isSame($0, clientID) }) else { throw .audience }
        if let party = claims["azp"] {
            guard ClaimText.isSame(party.text, clientID) else { throw .authorizedParty }
        } else if audiences.count > 1 {
            throw .authorizedParty
        }
    }

    private func checkTimes(_ claims: JSONObject, _ now: Timestamp) throws(IDTokenFlaw) {
        guard let expiry = try Self.moment(claims["exp"]), let issued = try Self.moment(claims["iat"]) else {
            throw .times
        }
        guard now < expiry + leeway else { throw .expired }
        guard issued <= now + leeway else { throw .notYetValid }
        if let start = try Self.moment(claims["nbf"]), start > now + leeway { throw .notYetValid }
        guard now <= issued + Self.ageMax + leeway else { throw .tooOld }
    }

    /// The person gave proof for this flow, or not longer than the age before it.
    private func checkAuthenticationTime(
        _ claims: JSONObject, _ maxAge: Duration, since start: Timestamp, _ now: Timestamp
    ) throws(IDTokenFlaw) {
        guard let moment = try? Self.moment(claims["auth_time"]), moment >= start - maxAge - leeway,
            moment <= now + leeway
        else { throw .authenticationTime }
    }

    /// A NumericDate between 1970 and the year 9999; nil if the claim is absent.
    static func moment(_ claim: JSONValue?) throws(IDTokenFlaw) -> Timestamp? {
        let last = 253_402_300_799.0
        switch claim {
        case nil: return nil
        case .integer(let seconds) where (0...Int64(last)).contains(seconds): return Timestamp(seconds: seconds)
        case .number(let seconds) where (0...last).contains(seconds):
            return Timestamp(milliseconds: Int64(seconds * 1_000))
        default: throw .times
        }
    }
}
