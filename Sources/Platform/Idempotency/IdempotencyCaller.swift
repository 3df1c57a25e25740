import HTTP
import Shared

/// Who sends a key. Equal keys of different callers have nothing to do with each other.
package enum IdempotencyCaller: Sendable {
    /// Somebody who is known: `user:01a1fe61-f452-7000-bb7f-ab8f35d7ad7e`. One word, never the same for two.
    case subject(String)
    /// Somebody who is not: all that is known is where he is.
    case network(NetworkPrefix)

    /// Nobody is signed in. What counts is the prefix of the sign-in limits, so that an IPv6 client that changes its
    /// address within its network is still the same one.
    package static func anonymous(_ request: Request) -> IdempotencyCaller {
        .network(request.clientAddress.limitPrefix)
    }

    var text: String {
        switch self {
        case .subject(let name): "subject \(name)"
        case .network(let prefix): "network \(prefix)"
        }
    }
}
