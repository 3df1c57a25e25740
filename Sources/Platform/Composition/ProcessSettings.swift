import Shared

/// What an operator sets for the whole process, as far as modules need it to read their own settings.
package struct ProcessSettings: Sendable {
    package let appName: String
    /// Without a slash at the end.
    package let appURL: String
    /// Surfaces of development exist only outside production.
    package let isProduction: Bool
    package let coreCount: Int
    package let trustedProxies: [NetworkPrefix]
    /// `PAGES_URL`: the operator's own front end, which has pages of the same paths. Without a slash at the end.
    package let pagesURL: String?
    /// `REDIRECT_URLS`: where browsers and apps may be sent beside our own pages.
    package let redirectURLs: [String]
    /// Of every request, as the server has it.
    package let bodyLimit: ByteCount

    package init(
        appName: String, appURL: String, isProduction: Bool, coreCount: Int = 2,
        trustedProxies: [NetworkPrefix] = [], pagesURL: String? = nil, redirectURLs: [String] = [],
        bodyLimit: ByteCount = .mebibytes(1)
    ) {
        self.appName = appName
        self.appURL = appURL
        self.isProduction = isProduction
        self.coreCount = coreCount
        self.trustedProxies = trustedProxies
        self.pagesURL = pagesURL
        self.redirectURLs = redirectURLs
        self.bodyLimit = bodyLimit
    }

    package var usesSecureCookies: Bool { isProduction || appURL.hasPrefix("https://") }
}
