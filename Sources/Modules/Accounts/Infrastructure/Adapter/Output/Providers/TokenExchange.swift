import AccountsApplication
import Crypto
import HTTP
import HTTPClient
import JSON
import Shared

/// Gives a code for tokens (RFC 6749 § 4.1.3, RFC 7636 § 4.5), once.
struct TokenExchange: Sendable {
    struct Tokens: Sendable {
        /// Used once for userinfo and kept nowhere.
        let access: Secret<String>
        let id: String?
    }

    let clientID: String
    let clientSecret: Secret<String>
    let authentication: OpenIDConfiguration.ClientAuthentication
    var headers: [(name: String, value: String)] = []

    func callAsFunction(
        _ code: Secret<String>, of flow: FlowRequest, at endpoint: FetchURL, _ calls: ProviderCalls
    ) async throws(ProviderFault) -> Tokens {
        var form = [
            ("grant_type", "authorization_code"), ("code", code.reveal()), ("redirect_uri", flow.redirectURI),
            ("code_verifier", flow.verifier.reveal()),
        ]
        var headers = headers
        switch authentication {
        case .basic: headers.append(("Authorization", "Basic \(basicCredentials)"))
        case .post: form += [("client_id", clientID), ("client_secret", clientSecret.reveal())]
        }
        switch try await calls.post(form, to: endpoint, "token", headers: headers) {
        case .refusal(let status, let error): throw Self.fault(status, error)
        case .document(let json, _):
            // Some answer a refusal with 200.
            if let error = json["error"] {
                throw Self.fault(200, error.text.flatMap(ClaimText.word) ?? "unknown")
            }
            guard let access = json["access_token"]?.text, (1...16_384).contains(access.utf8.count),
                access.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw .rejected(reason: "token_no_access_token") }
            guard json["token_type"]?.text?.lowercased() == "bearer" else {
                throw .rejected(reason: "token_type")
            }
            return Tokens(access: Secret(access), id: json["id_token"]?.text)
        }
    }

    /// RFC 6749 § 2.3.1: both are encoded as in a form before.
    private var basicCredentials: String {
        let pair = "\(PercentCoding.encode(clientID)):\(PercentCoding.encode(clientSecret.reveal()))"
        return StandardBase64.encodePadded(Array(pair.utf8))
    }

    private static func fault(_ status: Int, _ error: String?) -> ProviderFault {
        switch error {
        case "invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch":
            .misconfigured("the token endpoint says \(error ?? "")")
        case nil where status == 401: .misconfigured("the token endpoint does not take our client id and secret")
        default: .rejected(reason: "token_\(error ?? String(status))")
        }
    }
}
