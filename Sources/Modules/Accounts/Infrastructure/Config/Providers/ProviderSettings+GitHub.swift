import Configuration
import HTTPClient
import Shared

extension ProviderSettings {
    static func gitHub(_ reader: inout SettingsReader, _ common: Common) -> GitHubConfiguration? {
        let client = credentials(&reader, "GITHUB", of: "GitHub")
        let redirect = common.url(&reader, "GITHUB_REDIRECT_URI")
        let authorization = common.url(
            &reader, "GITHUB_AUTHORIZE_URL", default: GitHubConfiguration.authorizationEndpoint)
        let token = common.url(&reader, "GITHUB_TOKEN_URL", default: GitHubConfiguration.tokenEndpoint)
        let user = common.url(&reader, "GITHUB_USER_API", default: GitHubConfiguration.userEndpoint)
        let emails = common.url(&reader, "GITHUB_EMAILS", default: GitHubConfiguration.emailsEndpoint)
        guard let client, let authorization, let token, let user, let emails else { return nil }
        return GitHubConfiguration(
            clientID: client.id, clientSecret: client.secret, authorizationEndpoint: authorization,
            tokenEndpoint: token, userEndpoint: user, emailsEndpoint: emails, redirectURI: redirect?.text)
    }
}
