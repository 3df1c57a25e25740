import Crypto
import JSON
import Shared

/// The keys that an issuer publishes (RFC 7517 § 5). Those of other kinds and uses are left out.
struct IssuerKeys: Sendable {
    private let keys: [ForeignKey]

    /// - Parameter document: nil if it is no key set.
    init?(document: JSONValue) {
        guard let elements = document["keys"]?.elements else { return nil }
        keys = elements.prefix(100).compactMap { element in
            guard case .object(let jwk) = element else { return nil }
            return try? ForeignKey(jwk: jwk)
        }
    }

    init(_ keys: [ForeignKey]) {
        self.keys = keys
    }

    /// The keys that may have signed: those of the name, or without a name the only one for the algorithm.
    func candidates(kid: String?, _ algorithm: ForeignAlgorithm) -> [ForeignKey] {
        if let kid { return keys.filter { ClaimText.isSame($0.kid, kid) } }
        let fitting = keys.filter { $0.algorithms.contains(algorithm) }
        return fitting.count == 1 ? fitting : []
    }

    /// How many are for one of the algorithms.
    func count(of algorithms: Set<ForeignAlgorithm>) -> Int {
        keys.count { !$0.algorithms.isDisjoint(with: algorithms) }
    }

    /// How long a key set is kept: what `Cache-Control` says, within 5 minutes and 24 hours; an hour if it says nothing.
    static func lifetime(cacheControl: String?) -> Duration {
        let directives = (cacheControl ?? "").lowercased().split { $0 == "," || $0 == " " }
        let seconds = directives.lazy.compactMap { directive -> Int? in
            directive.hasPrefix("max-age=") ? Int(directive.dropFirst(8)) : nil
        }.first
        if directives.contains("no-store") || directives.contains("no-cache") { return .seconds(300) }
        return .seconds(min(max(seconds ?? 3_600, 300), 86_400))
    }
}
