import Configuration
import HTTPClient
import Shared

extension ProviderSettings {
    private static let files = ["SBER_CERT_FILE", "SBER_KEY_FILE", "SBER_CA_FILE"]

    static func sber(_ reader: inout SettingsReader, _ common: Common) -> SberConfiguration? {
        let client = credentials(
            &reader, "SBER", of: "Sber ID", isOtherwiseSet: files.contains { reader.isSet($0) })
        let issuer = reader.text("SBER_ISSUER", default: SberConfiguration.issuer)
        let authorization = common.url(&reader, "SBER_AUTH_URL", default: SberConfiguration.authorizationEndpoint)
        let token = common.url(&reader, "SBER_TOKEN_URL", default: SberConfiguration.tokenEndpoint)
        let userinfo = common.url(&reader, "SBER_USERINFO_URL", default: SberConfiguration.userinfoEndpoint)
        let keys = common.url(&reader, "SBER_JWKS_URL")
        let trust = trust(&reader, isNeeded: client != nil)
        guard let client, let authorization, let token, let userinfo, let trust else { return nil }
        return SberConfiguration(
            clientID: client.id, clientSecret: client.secret, authorizationEndpoint: authorization,
            tokenEndpoint: token, userinfoEndpoint: userinfo, issuer: issuer, keysEndpoint: keys, trust: trust,
            leeway: common.leeway)
    }

    /// Their roots and nobody else's, and the certificate that they gave us.
    private static func trust(_ reader: inout SettingsReader, isNeeded: Bool) -> FetchTrust? {
        let certificate = reader.file("SBER_CERT_FILE")
        let key = reader.file("SBER_KEY_FILE")
        let roots = reader.file("SBER_CA_FILE")
        guard isNeeded else { return nil }
        for name in files where !reader.isSet(name) {
            reader.fail(name, "is missing: Sber ID is asked over mutual TLS only")
        }
        guard let certificate, let key, let roots else { return nil }
        for (name, text, mark) in [
            ("SBER_CERT_FILE", certificate, "CERTIFICATE"), ("SBER_KEY_FILE", key, "PRIVATE KEY"),
            ("SBER_CA_FILE", roots, "CERTIFICATE"),
        ] where !text.reveal().contains("\(mark)-----") {
            reader.fail(name, "must name a PEM file with a \(mark.lowercased())")
            return nil
        }
        return FetchTrust(
            roots: Array(roots.reveal().utf8),
            client: ClientCertificate(
                chain: Array(certificate.reveal().utf8), key: Secret(Array(key.reveal().utf8))))
    }
}
