// Its header includes the socket types, which makes it their defining module beside Glibc.
internal import CMicroHTTPD
import Glibc
import Shared

/// A bound and listening TCP socket; closed with its owner.
struct ListenSocket: ~Copyable, Sendable {
    let descriptor: Int32
    /// The port it has, also when any was asked for.
    let port: Int

    /// - Throws: why the address cannot be taken.
    init(host: NetworkAddress, port: Int) throws(ListenFailure) {
        func failure(_ call: String, _ number: Int32 = errno) -> ListenFailure {
            ListenFailure(host: host, port: port, call: call, errorNumber: number)
        }
        guard let wanted = UInt16(exactly: port) else { throw failure("port", EINVAL) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(host.isIPv4 ? AF_INET : AF_INET6, type, 0)
        guard descriptor >= 0 else { throw failure("socket") }
        do throws(ListenFailure) {
            // Without it a restart waits until old connections have left TIME_WAIT.
            Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            // Accepted connections inherit it: answers are written whole, so waiting for more only delays them.
            Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if !host.isIPv4 { Self.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            let bound = SocketAddress.with(host, port: wanted) { address, length in
                bind(descriptor, address, length)
            }
            guard bound == 0 else { throw failure("bind") }
            guard listen(descriptor, SOMAXCONN) == 0 else { throw failure("listen") }
            guard let bound = Self.port(of: descriptor) else { throw failure("getsockname") }
            self.descriptor = descriptor
            self.port = bound
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                return SocketAddress.address(address).map { Int($0.port) }
            }
        }
    }
}
