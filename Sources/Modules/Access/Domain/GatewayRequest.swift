import AccessContract
import Shared

/// One client request as a gateway names it (`X-Gapura-Request`, `request` at `/access/check`). nginx runs the gate again for `try_files`, `index`
/// and `error_page`; by this it is known again and counted once.
package struct GatewayRequest: Sendable, Hashable {
    /// How long an answer holds for the same request.
    package static let lifetime: Duration = .seconds(10)
    package static let idLengths: ClosedRange<Int> = 8...64

    /// How a gateway is known.
    package enum Gateway: Sendable, Hashable {
        /// By the key in `X-Gapura-Gateway`.
        case key(APIKeyID)
        /// By its address, which is in `GATEWAYS`.
        case peer(NetworkAddress)
    }

    /// Two gateways may use one id.
    package let gateway: Gateway
    package let service: ServiceID
    package let requestID: String

    /// Nil if the id is not one; such a request is counted every time.
    package init?(gateway: Gateway, service: ServiceID, requestID: String) {
        guard Self.isID(requestID) else { return nil }
        self.gateway = gateway
        self.service = service
        self.requestID = requestID
    }

    /// Whether it is 8 to 64 of `[A-Za-z0-9._-]`.
    package static func isID(_ text: String) -> Bool {
        idLengths.contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x5F
                    || $0 == 0x2D
            }
    }

    /// What was asked, so that an answer goes only to the question that it was given to.
    package struct Question: Sendable, Equatable {
        /// A digest of the credential and, for an anonymous caller, of his address and device.
        let caller: UInt64
        /// A digest of method and path.
        let demand: UInt64

        /// - Parameters: keyed digests, such as the standard library's `Hasher` makes them for one process.
        package init(caller: UInt64, demand: UInt64) {
            self.caller = caller
            self.demand = demand
        }
    }

    package enum Repetition: Sendable, Equatable {
        /// The stored answer holds.
        case same
        /// An inner redirect of the gateway to another path or method, which may need other rights: decide again,
        /// count nothing.
        case redirected
        /// Too late, or somebody else's: a request of its own.
        case new
    }

    /// - Parameter wasAllowed: a refused request was not counted, so an inner redirect of it is decided as a new one.
    package static func repetition(
        of first: Question, answeredAt: Timestamp, wasAllowed: Bool, by second: Question, at now: Timestamp
    ) -> Repetition {
        guard first.caller == second.caller, now >= answeredAt, now - answeredAt < lifetime else { return .new }
        if first.demand == second.demand { return .same }
        return wasAllowed ? .redirected : .new
    }
}
