import Glibc
import Shared

extension NetworkAddress {
    /// - Parameter socketAddress: a `sockaddr` of any family, whole.
    /// - Returns: nil if it is neither IPv4 nor IPv6.
    package init?(socketAddress bytes: UnsafeRawPointer) {
        func number<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
            T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
        // The family comes first, in the machine's order.
        switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        // Behind the family: a port of two bytes, then the address (`struct sockaddr_in`).
        case AF_INET: self.init(ipv4: number(4, UInt32.self))
        // A port, a flow label of four bytes, the address (`struct sockaddr_in6`).
        case AF_INET6: self.init(ipv6High: number(8, UInt64.self), low: number(16, UInt64.self))
        default: return nil
        }
    }
}
