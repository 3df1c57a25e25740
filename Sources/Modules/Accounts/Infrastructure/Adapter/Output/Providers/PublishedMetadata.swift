import AccountsApplication
import AccountsDomain
import HTTPClient
import JSON
import Shared

/// The discovery document and the keys of one issuer, as this process has them.
struct PublishedMetadata: Sendable {
    private let document: KeptAnswer<ProviderMetadata>?
    private let fixed: ProviderMetadata?
    private let keys: KeptAnswer<IssuerKeys>

    private static let documentLifetime: Duration = .seconds(3_600)

    init(_ configuration: OpenIDConfiguration, _ calls: ProviderCalls, clock: any WallClock, logger: Logger) {
        let document: KeptAnswer<ProviderMetadata>?
        switch configuration.endpoints {
        case .fixed(let metadata): (fixed, document) = (metadata, nil)
        case .discovered:
            fixed = nil
            document = KeptAnswer(clock: clock) { () async throws(ProviderFault) in
                (try await Self.discover(configuration, calls, logger), Self.documentLifetime)
            }
        }
        self.document = document
        keys = KeptAnswer(clock: clock) { [fixed] () async throws(ProviderFault) in
            let metadata: ProviderMetadata
            if let fixed {
                metadata = fixed
            } else if let document {
                metadata = try await document.value()
            } else {
                throw .misconfigured("there is no discovery document")
            }
            guard let url = metadata.jwksURI else { throw .misconfigured("no address of its keys is known") }
            return try await Self.fetchKeys(url, calls)
        }
    }

    func metadata() async throws(ProviderFault) -> ProviderMetadata {
        if let fixed { return fixed }
        guard let document else { throw .misconfigured("there is no discovery document") }
        return try await document.value()
    }

    func currentKeys() async throws(ProviderFault) -> IssuerKeys { try await keys.value() }

    /// Nil if they were reloaded less than a minute ago.
    func reloadedKeys() async -> IssuerKeys? { await keys.reloaded() }

    /// The document of an issuer, checked.
    static func discover(
        _ configuration: OpenIDConfiguration, _ calls: ProviderCalls, _ logger: Logger
    ) async throws(ProviderFault) -> ProviderMetadata {
        guard case .discovered(let place, let authorization, let token, let userinfo) = configuration.endpoints else {
            throw .misconfigured("it has no discovery document")
        }
        guard let url = try? FetchURL(ProviderMetadata.location(of: place)) else {
            throw .misconfigured("the issuer is not a URL that Gapura takes")
        }
        guard case .document(let json, _) = try await calls.get(url, "discovery") else {
            throw .misconfigured("there is no discovery document at \(url.text)")
        }
        var metadata = try ProviderMetadata(document: json)
        guard ClaimText.isSame(metadata.issuer, configuration.documentIssuer) else {
            logger.error(
                "an identity provider calls itself otherwise than it is configured",
                [
                    "provider": .text(configuration.name.text), "configured": .text(configuration.documentIssuer),
                    "document": .text(ClaimText.line(metadata.issuer) ?? "unprintable"),
                ])
            throw .misconfigured(
                "the discovery document says issuer \"\(metadata.issuer)\", configured is \"\(configuration.documentIssuer)\""
            )
        }
        metadata.authorizationEndpoint = authorization ?? metadata.authorizationEndpoint
        metadata.tokenEndpoint = token ?? metadata.tokenEndpoint
        metadata.userinfoEndpoint = userinfo ?? metadata.userinfoEndpoint
        guard metadata.authorizationEndpoint.isSecure || configuration.allowsPlainHTTP else {
            throw .misconfigured("its authorization_endpoint is not https")
        }
        return metadata
    }

    private static func fetchKeys(
        _ url: FetchURL, _ calls: ProviderCalls
    ) async throws(ProviderFault) -> KeptAnswer<IssuerKeys>.Fetched {
        guard
            case .document(let json, let cacheControl) = try await calls.get(
                url, "keys", headers: [("Accept", "application/jwk-set+json, application/json")])
        else { throw .misconfigured("there are no keys at \(url.text)") }
        guard let keys = IssuerKeys(document: json) else { throw .unavailable(retryAfter: nil) }
        return (keys, IssuerKeys.lifetime(cacheControl: cacheControl))
    }
}
