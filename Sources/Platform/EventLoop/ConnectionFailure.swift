import Glibc

/// Why a connection was not made, or did not end in order.
package struct ConnectionFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The name has no address.
        case unresolved
        /// Nobody listens there.
        case refused
        /// Connecting or the handshake of TLS took too long.
        case timedOut
        /// The other side, or the network, broke it off.
        case lost
        /// TLS: no trust, no common version, or broken records.
        case insecure
        /// The loop ended.
        case stopped
        /// Anything else of the system.
        case system
    }

    package let kind: Kind
    /// For the log.
    package let reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(call: StaticString, errorNumber: Int32) {
        kind =
            switch errorNumber {
            case ECONNREFUSED, ENOENT: .refused
            case ETIMEDOUT: .timedOut
            case ECONNRESET, EPIPE, ECONNABORTED: .lost
            default: .system
            }
        reason = "\(call): \(SystemCall.text(errorNumber))"
    }

    package var description: String { reason }
}
