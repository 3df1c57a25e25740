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
    package let usesSecureCookies: Bool
    package let accessTokenLifetime: Duration
    package let refreshTokenLifetime: Duration
    package let sessionLifetime: Duration
    package let validationLifetime: Duration
    package let refreshSecret: Secret<String>?
    package let validationSecret: Secret<String>?
    package let argon2: Argon2Cost
    package let argon2Concurrency: Int
    /// Nil: off.
    package let signInLimit: RateLimitRule?
    /// Per network prefix; nil with the other.
    package let signInLimitPerAddress: RateLimitRule?

    private static let secretBytesMin = 32

    /// - Parameters:
    ///   - appURL: read by the caller, because the whole process needs it.
    ///   - coreCount: how many hashes may run at once if nothing is said.
    package init(
        _ reader: inout SettingsReader, appURL: String, isProduction: Bool, coreCount: Int
    ) {
        self.appURL = appURL
        pagesURL = reader.text("PAGES_URL")
        cookieDomain = reader.text("COOKIE_DOMAIN")
        usesSecureCookies = isProduction || appURL.hasPrefix("https://")
        accessTokenLifetime = reader.duration("ACCESS_TOKEN_EXPIRE", default: .seconds(15 * 60))
        refreshTokenLifetime = reader.duration("REFRESH_TOKEN_EXPIRE", default: .seconds(30 * 86_400))
        sessionLifetime = reader.duration("SESSION_MAX_AGE", default: .seconds(180 * 86_400))
        validationLifetime = reader.duration("VALIDATION_TOKEN_EXPIRE", default: .seconds(86_400))
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
        signInLimit = Self.limit(&reader, isProduction: isProduction)
        let limitPerAddress = reader.value(
            "RATE_LIMIT_ADDRESS", default: signInLimit, "must be a count and a window such as 50/1m"
        ) { RateLimitRule(text: $0).map { .some($0) } }
        signInLimitPerAddress = signInLimit == nil ? nil : limitPerAddress
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
