import Glibc
import Shared

/// Why a server could not take its address.
package struct ListenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case addressInUse
        case permissionDenied
        case addressNotAvailable
        /// Any other error number (errno).
        case other(Int32)
    }

    package let host: NetworkAddress
    package let port: Int
    package let reason: Reason
    /// The system call that failed.
    let call: String

    init(host: NetworkAddress, port: Int, call: String, errorNumber: Int32) {
        self.host = host
        self.port = port
        self.call = call
        reason =
            switch errorNumber {
            case EADDRINUSE: .addressInUse
            case EACCES, EPERM: .permissionDenied
            case EADDRNOTAVAIL, EAFNOSUPPORT: .addressNotAvailable
            default: .other(errorNumber)
            }
    }

    package var description: String {
        let why =
            switch reason {
            case .addressInUse: "the address is in use"
            case .permissionDenied: "permission denied"
            case .addressNotAvailable: "the address is not available on this machine"
            case .other(let number): String(cString: strerror(number))
            }
        let shownHost = host.isIPv4 ? host.description : "[\(host)]"
        return "cannot listen on \(shownHost):\(port): \(why) (\(call))"
    }
}
