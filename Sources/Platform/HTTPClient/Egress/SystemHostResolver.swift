// Both, because the headers of sockets belong to whichever is read first.
internal import CCurl
internal import Glibc
import Shared
import Synchronization
import Threads

/// The machine's: `/etc/hosts`, then its name servers. The call blocks, so each has a thread of its own for as long as
/// it takes; who waits for it may give up before.
package final class SystemHostResolver: HostResolver {
    /// Name servers that do not answer hold so many threads at most.
    private static let threadsMax = 64
    private let threads = Atomic<Int>(0)

    package init() {}

    package func addresses(of name: String) async throws -> [NetworkAddress] {
        let answer = PendingResult<[NetworkAddress]>()
        guard threads.add(1, ordering: .relaxed).newValue <= Self.threadsMax else {
            threads.subtract(1, ordering: .relaxed)
            throw Unavailable("resolver", reason: "\(Self.threadsMax) names are being looked up")
        }
        do {
            try OwnThread("resolver") { [self] in
                let result = Result { try Self.lookUp(name) }
                threads.subtract(1, ordering: .relaxed)
                answer.end(result)
            }
        } catch {
            threads.subtract(1, ordering: .relaxed)
            throw error
        }
        return try await answer.value { answer.end(.failure(CancellationError())) }
    }

    private static func lookUp(_ name: String) throws -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else {
            throw FetchFailure(.unresolved, String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        var next = first
        while let entry = next {
            if let address = NetworkAddress(entry.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return addresses
    }
}
