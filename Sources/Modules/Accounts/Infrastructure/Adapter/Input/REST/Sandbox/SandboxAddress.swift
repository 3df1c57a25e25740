import AccountsDomain
import Composition
import HTTPClient
import Shared

extension IdentitySandbox {
    /// Where the sandbox is, and how to use it.
    struct Address: Sendable {
        /// Of the installation that it is part of.
        let appURL: String

        static let clientID = "gapura"
        /// Protects nothing: the sandbox answers the developer's own machine only.
        static let clientSecret = "the-sandbox-has-no-secrets"

        /// Nil in production, and where `APP_URL` is not this machine: the sandbox answers nobody else.
        init?(of process: ProcessSettings) {
            guard !process.isProduction, let url = try? FetchURL(process.appURL), url.isOfThisMachine else {
                return nil
            }
            appURL = process.appURL
        }

        func issuer(_ shape: SandboxShape) -> String { "\(appURL)/dev/identity\(shape.path)" }

        /// Every shape, ready for use.
        var settings: ProviderSettings {
            var settings = ProviderSettings()
            settings.google = openID(.google, .google)
            settings.google?.emailRule = .google
            settings.google?.refreshesAuthTime = false
            settings.gitHub = gitHub
            settings.sber = sber
            var sandbox = openID(.openID, ProviderName(openID: "sandbox"))
            sandbox.emailRule = .trusted
            settings.openID = [sandbox]
            return settings
        }

        private func openID(_ shape: SandboxShape, _ name: ProviderName) -> OpenIDConfiguration {
            var configuration = OpenIDConfiguration(
                name: name, label: shape.label, issuer: .exactly(issuer(shape)),
                endpoints: .discovered(at: issuer(shape), authorization: nil, token: nil, userinfo: nil),
                clientID: Self.clientID, clientSecret: Secret(Self.clientSecret))
            configuration.allowsPlainHTTP = true
            return configuration
        }

        private func url(_ shape: SandboxShape, _ name: String) -> FetchURL? {
            try? FetchURL("\(issuer(shape))/\(name)")
        }

        private var gitHub: GitHubConfiguration? {
            guard let authorization = url(.github, "authorize"), let token = url(.github, "token"),
                let user = url(.github, "userinfo"), let emails = url(.github, "emails")
            else { return nil }
            return GitHubConfiguration(
                clientID: Self.clientID, clientSecret: Secret(Self.clientSecret), authorizationEndpoint: authorization,
                tokenEndpoint: token, userEndpoint: user, emailsEndpoint: emails)
        }

        private var sber: SberConfiguration? {
            guard let authorization = url(.sber, "authorize"), let token = url(.sber, "token"),
                let userinfo = url(.sber, "userinfo")
            else { return nil }
            return SberConfiguration(
                clientID: Self.clientID, clientSecret: Secret(Self.clientSecret), authorizationEndpoint: authorization,
                tokenEndpoint: token, userinfoEndpoint: userinfo, issuer: issuer(.sber),
                keysEndpoint: url(.sber, "keys"))
        }
    }
}

extension FetchURL {
    fileprivate var isOfThisMachine: Bool {
        switch host {
        case .name(let name): name == "localhost" || name.hasSuffix(".localhost")
        case .address(let address): address.isLoopback
        }
    }
}
