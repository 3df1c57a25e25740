import AccountsApplication
import AccountsDomain
import Configuration
import HTTPClient
import Shared

/// Which identity providers an operator set.
struct ProviderSettings: Sendable {
    var google: OpenIDConfiguration?
    var gitHub: GitHubConfiguration?
    var sber: SberConfiguration?
    /// By name.
    var openID: [OpenIDConfiguration] = []

    init() {}

    /// A provider with some of its variables and not all that it needs is a failure that names the missing one.
    init(_ reader: inout SettingsReader, isProduction: Bool) {
        let common = Common(&reader, isProduction: isProduction)
        google = Self.google(&reader, common)
        gitHub = Self.gitHub(&reader, common)
        sber = Self.sber(&reader, common)
        openID = Self.openID(&reader, common)
    }

    var isEmpty: Bool { google == nil && gitHub == nil && sber == nil && openID.isEmpty }

    /// In the order of their buttons.
    func providers(_ environment: ProviderEnvironment) -> IdentityProviders {
        var all: [any IdentityProvider] = []
        if let google { all.append(OpenIDProvider(google, environment)) }
        if let gitHub { all.append(GitHubProvider(gitHub, environment)) }
        if let sber { all.append(SberProvider(sber, environment)) }
        return IdentityProviders(all + openID.map { OpenIDProvider($0, environment) })
    }

    /// What holds for every provider.
    struct Common {
        let leeway: Duration
        let isProduction: Bool

        init(_ reader: inout SettingsReader, isProduction: Bool) {
            self.isProduction = isProduction
            leeway = reader.value(
                "OIDC_CLOCK_LEEWAY", default: .seconds(60), "must be a duration from 0s to 5m, such as 60s"
            ) { text in
                Duration(text: text).flatMap { $0 >= .zero && $0 <= .seconds(300) ? $0 : nil }
            }
        }

        func url(_ reader: inout SettingsReader, _ name: String) -> FetchURL? {
            guard let text = reader.text(name) else { return nil }
            guard let url = try? FetchURL(text), url.isSecure || !isProduction else {
                reader.fail(name, "must be an https URL")
                return nil
            }
            return url
        }

        func url(_ reader: inout SettingsReader, _ name: String, default text: String) -> FetchURL? {
            url(&reader, name) ?? (try? FetchURL(text))
        }
    }

    /// The client's id and secret of one provider; nil without both, and a failure if there is one of them.
    ///
    /// - Parameter isOtherwiseSet: whether something else shows that the provider is wanted. Addresses alone do not: they
    ///   have defaults, which people write down.
    static func credentials(
        _ reader: inout SettingsReader, _ prefix: String, of provider: String, isOtherwiseSet: Bool = false
    ) -> (id: String, secret: Secret<String>)? {
        let id = reader.text("\(prefix)_CLIENT_ID")
        let secret = reader.secret("\(prefix)_CLIENT_SECRET")
        let isSecretGiven = reader.isSet("\(prefix)_CLIENT_SECRET") || reader.isSet("\(prefix)_CLIENT_SECRET_FILE")
        guard id != nil || isSecretGiven || isOtherwiseSet else { return nil }
        if id == nil { reader.fail("\(prefix)_CLIENT_ID", "is missing: \(provider) gives it with the client secret") }
        if !isSecretGiven {
            reader.fail("\(prefix)_CLIENT_SECRET", "is missing: \(provider) gives it with the client id")
        }
        guard let id, let secret else { return nil }
        guard !secret.reveal().isEmpty, (1...512).contains(id.utf8.count),
            (id + secret.reveal()).utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            reader.fail("\(prefix)_CLIENT_ID", "and \(prefix)_CLIENT_SECRET must be ASCII without spaces")
            return nil
        }
        return (id, secret)
    }
}
