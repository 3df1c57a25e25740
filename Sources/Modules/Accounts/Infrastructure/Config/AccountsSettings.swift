import AccountsApplication
import AccountsDomain
import Cache
import Configuration
import Crypto
import Shared

/// What an operator sets for Accounts.
package struct AccountsSettings: Sendable {
    /// The issuer and audience of tokens, and where pages are; without a slash at the end.
    package let appURL: String
    package let pagesURL: String?
    package let cookieDomain: String?
    /// Where people may go after a sign-in.
    package let returnRules: ReturnRules
    /// Whether nobody can find out by registering whether an address has an account.
    package let registersPrivately: Bool
    /// Whether people make accounts themselves; if not, administrators alone do.
    package let isRegistrationOpen: Bool
    package let usesSecureCookies: Bool
    package let accessTokenLifetime: Duration
    package let refreshTokenLifetime: Duration
    package let sessionLifetime: Duration
    /// How long after its rotation a refresh token may come again.
    package let refreshReuseWindow: Duration
    package let validationLifetime: Duration
    /// Of reset, magic and address-change links.
    package let resetLifetime: Duration
    package let algorithm: SigningAlgorithm
    /// Signs instead of keys that Gapura makes itself: `SIGNING_KEY_FILE`, or `ACCESS_SECRET_KEY` for HS256.
    package let signingKey: PrivateSigningKey?
    /// Nil: keys are rotated by hand only.
    package let signingKeyMaxAge: Duration?
    package let revocationCutOff: RevocationCutOff
    package let refreshSecret: Secret<String>?
    package let validationSecret: Secret<String>?
    package let argon2: Argon2Cost
    package let argon2Concurrency: Int
    /// How old the proof of a session may be for what is grave.
    package let stepUpMaxAge: Duration
    /// Whether whoever may write on the platform must have a second factor.
    package let requiresAdministratorMFA: Bool
    /// How long the owner of an account can stop the reset of its second factors.
    package let mfaResetDelay: Duration
    /// Nil: off.
    package let signInLimit: RateLimitRule?
    /// Per network prefix; nil with the other.
    package let signInLimitPerAddress: RateLimitRule?
    let providers: ProviderSettings

    private enum Registration: String, CaseIterable {
        case open
        case closed
    }

    private static let secretBytesMin = 32
    private static let developmentLimitPerAddress = RateLimitRule(quota: 300, window: .seconds(60))

    /// - Parameters:
    ///   - appURL: read by the caller, because the whole process needs it.
    ///   - coreCount: how many hashes may run at once if nothing is said.
    package init(
        _ reader: inout SettingsReader, appURL: String, isProduction: Bool, coreCount: Int
    ) {
        self.appURL = appURL
        pagesURL = reader.text("PAGES_URL")
        cookieDomain = reader.text("COOKIE_DOMAIN")
        returnRules = Self.returnRules(&reader, isProduction: isProduction)
        registersPrivately = reader.flag("REGISTER_PRIVATE", default: false)
        isRegistrationOpen = reader.choice("REGISTRATION", default: Registration.open) == .open
        usesSecureCookies = isProduction || appURL.hasPrefix("https://")
        accessTokenLifetime = reader.duration("ACCESS_TOKEN_EXPIRE", default: .seconds(15 * 60))
        if accessTokenLifetime > Revocation.accessTokenLifetimeMax {
            reader.fail("ACCESS_TOKEN_EXPIRE", "must be at most 24h")
        }
        refreshTokenLifetime = reader.duration("REFRESH_TOKEN_EXPIRE", default: .seconds(30 * 86_400))
        sessionLifetime = reader.duration("SESSION_MAX_AGE", default: .seconds(180 * 86_400))
        refreshReuseWindow = reader.duration("REFRESH_REUSE_WINDOW", default: .seconds(30))
        resetLifetime = reader.duration("RESET_TOKEN_EXPIRE", default: .seconds(3_600))
        validationLifetime = reader.duration("VALIDATION_TOKEN_EXPIRE", default: .seconds(86_400))
        let algorithm = reader.choice("ALGORITHM", default: SigningAlgorithm.es256)
        signingKey = Self.signingKey(&reader, algorithm: algorithm)
        self.algorithm = signingKey?.algorithm ?? algorithm
        let maxAge = reader.duration("SIGNING_KEY_MAX_AGE", default: .seconds(90 * 86_400))
        signingKeyMaxAge = signingKey == nil ? maxAge : nil
        if maxAge < .seconds(86_400) { reader.fail("SIGNING_KEY_MAX_AGE", "must be at least 1d") }
        revocationCutOff = reader.choice("REVOCATION_CUT_OFF", default: .refuse)
        refreshSecret = Self.secret("REFRESH_SECRET_KEY", &reader)
        validationSecret = Self.secret("VALIDATION_SECRET_KEY", &reader)
        let memory = reader.size("ARGON2_MEMORY", default: .mebibytes(19), in: Argon2Cost.memoryRange)
        let iterations = reader.integer("ARGON2_ITERATIONS", default: 2, in: 1...100)
        argon2Concurrency = reader.integer("ARGON2_CONCURRENCY", default: max(1, coreCount), in: 1...256)
        if let cost = Argon2Cost(memory: memory, iterations: iterations) {
            argon2 = cost
        } else {
            reader.fail("ARGON2_MEMORY", "and ARGON2_ITERATIONS are not a cost that Argon2id knows")
            argon2 = Argon2Cost(memory: .mebibytes(19), iterations: 2)!
        }
        stepUpMaxAge = reader.duration("STEP_UP_MAX_AGE", default: .seconds(600))
        if !(Duration.seconds(60)...Duration.seconds(86_400)).contains(stepUpMaxAge) {
            reader.fail("STEP_UP_MAX_AGE", "must be 1m to 24h")
        }
        let administratorMFA = reader.choice(
            "ADMIN_MFA", default: isProduction ? AdministratorMFA.required : AdministratorMFA.off)
        if isProduction, administratorMFA == .off { reader.fail("ADMIN_MFA", "cannot be off in production") }
        requiresAdministratorMFA = administratorMFA == .required
        mfaResetDelay = reader.duration("MFA_RESET_DELAY", default: .seconds(86_400))
        let shortest: Duration = isProduction ? .seconds(3_600) : .seconds(1)
        if !(shortest...Duration.seconds(30 * 86_400)).contains(mfaResetDelay) {
            reader.fail("MFA_RESET_DELAY", "must be \(isProduction ? "1h" : "1s") to 30d")
        }
        signInLimit = Self.limit(&reader, isProduction: isProduction)
        // On the developer's machine everybody has one address.
        let isRoomy = !isProduction && reader.text("RATE_LIMIT") == nil
        let limitPerAddress = reader.value(
            "RATE_LIMIT_ADDRESS", default: isRoomy ? Self.developmentLimitPerAddress : signInLimit,
            "must be a count and a window such as 50/1m"
        ) { RateLimitRule(text: $0).map { .some($0) } }
        signInLimitPerAddress = signInLimit == nil ? nil : limitPerAddress
        providers = ProviderSettings(&reader, isProduction: isProduction)
    }

    private static func returnRules(_ reader: inout SettingsReader, isProduction: Bool) -> ReturnRules {
        let expected =
            isProduction
            ? "https addresses without a query, or whole addresses of apps"
            : "https addresses (or http on the loopback) without a query, or whole addresses of apps"
        return ReturnRules(
            reader.list("REDIRECT_URLS", "\(expected) such as com.example.app:/done") {
                ReturnRules.Entry($0, allowsPlainLoopback: !isProduction)
            })
    }

    private enum AdministratorMFA: String, CaseIterable {
        case required
        case off
    }

    private static func signingKey(
        _ reader: inout SettingsReader, algorithm: SigningAlgorithm
    ) -> PrivateSigningKey? {
        let pem = reader.file("SIGNING_KEY_FILE")
        let secret = reader.secret("ACCESS_SECRET_KEY")
        do {
            if algorithm == .hs256 {
                return try secret.map { try PrivateSigningKey(.hs256, serialized: Secret(Array($0.reveal().utf8))) }
            }
            guard let pem else { return nil }
            let key = try PrivateSigningKey(pem: Secret(Array(pem.reveal().utf8)))
            if key.algorithm != algorithm, reader.text("ALGORITHM") != nil {
                reader.fail("SIGNING_KEY_FILE", "has a key for \(key.algorithm.rawValue), not for ALGORITHM")
            }
            return key
        } catch {
            let name = algorithm == .hs256 ? "ACCESS_SECRET_KEY" : "SIGNING_KEY_FILE"
            reader.fail(name, "is not a key that can sign: \(error)")
            return nil
        }
    }

    private static func secret(_ name: String, _ reader: inout SettingsReader) -> Secret<String>? {
        guard let secret = reader.secret(name) else { return nil }
        if secret.reveal().utf8.count < secretBytesMin {
            reader.fail(name, "must have at least \(secretBytesMin) bytes")
        }
        return secret
    }

    private static func limit(_ reader: inout SettingsReader, isProduction: Bool) -> RateLimitRule? {
        let name = "RATE_LIMIT"
        let standard = RateLimitRule(quota: 5, window: .seconds(60))
        guard let text = reader.text(name) else { return standard }
        if text == "off" {
            if isProduction { reader.fail(name, "cannot be off in production") }
            return nil
        }
        guard let rule = RateLimitRule(text: text) else {
            reader.fail(name, "must be a count and a window such as 5/1m, or off")
            return standard
        }
        return rule
    }
}
