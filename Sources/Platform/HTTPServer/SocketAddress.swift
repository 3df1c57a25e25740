// Its header includes the socket types, which makes it their defining module beside Glibc.
internal import CMicroHTTPD
import Glibc
import Shared

/// Between `NetworkAddress` and the kernel's `sockaddr`.
enum SocketAddress {
    /// Calls `body` with the kernel's form of an address.
    static func with<Result>(
        _ host: NetworkAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        host.isIPv4 ? withIPv4(host, port: port, body) : withIPv6(host, port: port, body)
    }

    private static func withIPv4<Result>(
        _ host: NetworkAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(truncatingIfNeeded: host.low).bigEndian
        return withUnsafeBytes(of: &address) { bytes in
            body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    private static func withIPv6<Result>(
        _ host: NetworkAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
            bytes.storeBytes(of: host.high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: host.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafeBytes(of: &address) { bytes in
            body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// Who has connected.
    static func peer(_ pointer: UnsafePointer<sockaddr>) -> NetworkAddress { address(pointer)?.host ?? .loopback }

    /// Nil for families other than IPv4 and IPv6.
    static func address(_ pointer: UnsafePointer<sockaddr>) -> (host: NetworkAddress, port: UInt16)? {
        let raw = UnsafeRawPointer(pointer)
        switch Int32(raw.load(as: sa_family_t.self)) {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self)
            return (
                NetworkAddress(ipv4: UInt32(bigEndian: address.sin_addr.s_addr)), UInt16(bigEndian: address.sin_port)
            )
        case AF_INET6:
            var address = raw.loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: &address.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            return (NetworkAddress(ipv6High: high, low: low), UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }
}
