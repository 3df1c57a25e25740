import AccountsDomain
import Configuration
import Crypto
import HTTPClient
import Shared

extension ProviderSettings {
    /// Behind `OIDC_<NAME>_`. A longer one stands before one that it ends with.
    private static let suffixes = [
        "ISSUER_TEMPLATE", "ISSUER", "TENANTS", "CLIENT_ID", "CLIENT_SECRET_FILE", "CLIENT_SECRET", "AUTH", "SCOPES",
        "LABEL", "ALGORITHMS", "TRUST_EMAIL", "TRUST_MFA",
    ]

    /// Their callbacks would be the same.
    private static let taken: Set = ["GOOGLE", "GITHUB", "SBER", "SUPABASE"]

    static func openID(_ reader: inout SettingsReader, _ common: Common) -> [OpenIDConfiguration] {
        names(reader).compactMap { name in issuer(name, &reader, common) }
    }

    /// `CORP` of `OIDC_CORP_ISSUER`. Other variables that begin so are somebody else's.
    private static func names(_ reader: SettingsReader) -> [String] {
        let found = reader.names(beginningWith: "OIDC_").compactMap { variable -> String? in
            let rest = variable.dropFirst("OIDC_".count)
            guard let suffix = suffixes.first(where: { rest.hasSuffix("_\($0)") }) else { return nil }
            let name = rest.dropLast(suffix.count + 1)
            let isOne = name.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
            }
            return isOne && (1...32).contains(name.utf8.count) ? String(name) : nil
        }
        return Set(found).sorted()
    }

    private static func issuer(
        _ name: String, _ reader: inout SettingsReader, _ common: Common
    ) -> OpenIDConfiguration? {
        let prefix = "OIDC_\(name)"
        if taken.contains(name) {
            reader.fail(prefix, "is not a name of its own: \(name) has variables without OIDC_ in front")
            return nil
        }
        let client = credentials(&reader, prefix, of: "the provider", isOtherwiseSet: true)
        let place = place(prefix, &reader, common)
        let authentication = reader.value(
            "\(prefix)_AUTH", default: nil as OpenIDConfiguration.ClientAuthentication?, "must be basic or post"
        ) { text in
            OpenIDConfiguration.ClientAuthentication(rawValue: text.replacing("client_secret_", with: ""))
                .map { .some($0) }
        }
        let scopes = scopes("\(prefix)_SCOPES", &reader)
        let label = label("\(prefix)_LABEL", &reader, name)
        let algorithms = algorithms("\(prefix)_ALGORITHMS", &reader, secret: client?.secret)
        let trustsEmail = reader.flag("\(prefix)_TRUST_EMAIL", default: false)
        let trustsMFA = reader.flag("\(prefix)_TRUST_MFA", default: false)
        if trustsEmail, reader.isSet("\(prefix)_ISSUER_TEMPLATE") {
            reader.fail(
                "\(prefix)_TRUST_EMAIL",
                "cannot be on with \(prefix)_ISSUER_TEMPLATE: each tenant's administrator sets any address there")
        }
        guard let client, let place else { return nil }
        var configuration = OpenIDConfiguration(
            name: ProviderName(openID: name.lowercased()), label: label, issuer: place.issuer,
            endpoints: .discovered(at: place.document, authorization: nil, token: nil, userinfo: nil),
            clientID: client.id, clientSecret: client.secret)
        configuration.authentication = authentication
        configuration.scopes = scopes
        configuration.algorithms = algorithms
        configuration.emailRule = trustsEmail ? OpenIDConfiguration.EmailRule.trusted : .untrusted
        configuration.trustsMFA = trustsMFA
        configuration.tenants = place.tenants
        configuration.leeway = common.leeway
        configuration.allowsPlainHTTP = !common.isProduction
        return configuration
    }

    private typealias Place = (issuer: IDTokenRules.Issuer, document: String, tenants: Set<String>)

    /// Who signs, and where its discovery document is.
    private static func place(_ prefix: String, _ reader: inout SettingsReader, _ common: Common) -> Place? {
        let issuer = reader.text("\(prefix)_ISSUER")
        let template = reader.text("\(prefix)_ISSUER_TEMPLATE")
        let tenants = reader.list("\(prefix)_TENANTS", "GUIDs, without a wildcard") { text -> String? in
            isGUID(text) ? text.lowercased() : nil
        }
        if issuer != nil { _ = common.url(&reader, "\(prefix)_ISSUER") }
        guard let template else {
            if reader.isSet("\(prefix)_TENANTS") {
                reader.fail("\(prefix)_ISSUER_TEMPLATE", "is missing: \(prefix)_TENANTS is for it")
            }
            guard let issuer else {
                reader.fail("\(prefix)_ISSUER", "is missing: the issuer, as its discovery document has it")
                return nil
            }
            return (.exactly(issuer), issuer, [])
        }
        let placeholder = IDTokenRules.tenantPlaceholder
        // Where people of any organization sign in; what counts is the list of tenants.
        let anyone = template.replacing(placeholder, with: "organizations")
        guard template.contains(placeholder), let url = try? FetchURL(anyone), url.isSecure || !common.isProduction
        else {
            reader.fail("\(prefix)_ISSUER_TEMPLATE", "must be an https URL with \(placeholder) in it")
            return nil
        }
        if !reader.isSet("\(prefix)_TENANTS") {
            reader.fail("\(prefix)_TENANTS", "is missing: the GUIDs of the tenants that may sign in")
        }
        return (.template(template), issuer ?? anyone, Set(tenants))
    }

    private static func isGUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && parts.allSatisfy { $0.utf8.allSatisfy { Hex.value(of: $0 | 0x20) != nil } }
    }

    private static func scopes(_ name: String, _ reader: inout SettingsReader) -> [String] {
        let usual = ["openid", "profile", "email"]
        let expected = "must be scopes with spaces between, openid among them"
        return reader.value(name, default: usual, expected) { text in
            let scopes = text.split { $0 == " " || $0 == "," }.map(String.init)
            let areSound = scopes.allSatisfy { scope in
                scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            }
            return scopes.contains("openid") && areSound ? scopes : nil
        }
    }

    private static func label(_ name: String, _ reader: inout SettingsReader, _ provider: String) -> String {
        let usual = provider.prefix(1) + provider.dropFirst().lowercased().replacing("_", with: " ")
        return reader.value(name, default: String(usual), "must be a text of 1 to 40 characters in one line") {
            ClaimText.line($0, max: 40)
        }
    }

    private static func algorithms(
        _ name: String, _ reader: inout SettingsReader, secret: Secret<String>?
    ) -> Set<ForeignAlgorithm> {
        let known = ForeignAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
        let given = reader.list(name, "algorithms of \(known)") { ForeignAlgorithm(rawValue: $0) }
        // Whoever knows the secret could sign too, so it has to be asked for.
        guard !given.isEmpty else { return [.rs256, .ps256, .es256, .edDSA] }
        if given.contains(.hs256), let secret, secret.reveal().utf8.count < 32 {
            reader.fail(name, "can have HS256 only with a client secret of 32 bytes or more")
        }
        return Set(given)
    }
}
