import Glibc
import Shared
import Synchronization

/// The addresses of names as the machine knows them: `/etc/hosts`, then its name servers. getaddrinfo(3) blocks, so
/// each look-up has a thread of its own for as long as it takes.
package final class NameLookup: Sendable {
    /// Why a name has no address, in the words of the system.
    package struct Failure: Error, Sendable {
        package let reason: String
    }

    /// Name servers that do not answer hold so many threads at most.
    private static let threadsMax = 64
    private let threads = Atomic<Int>(0)

    package init() {}

    /// - Parameters:
    ///   - name: of a host; an address is none.
    ///   - completion: called on the thread: with one address or more, each once, in the order of trying.
    /// - Throws: `Unavailable` if too many names are being looked up, or if the system gives no more threads.
    package func callAsFunction(
        _ name: String, _ completion: @escaping @Sendable (Result<[NetworkAddress], Failure>) -> Void
    ) throws {
        guard threads.add(1, ordering: .relaxed).newValue <= Self.threadsMax else {
            threads.subtract(1, ordering: .relaxed)
            throw Unavailable("resolver", reason: "\(Self.threadsMax) names are being looked up")
        }
        do {
            try OwnThread("resolver") { [self] in
                let result = Self.ask(name)
                threads.subtract(1, ordering: .relaxed)
                completion(result)
            }
        } catch {
            threads.subtract(1, ordering: .relaxed)
            throw error
        }
    }

    private static func ask(_ name: String) -> Result<[NetworkAddress], Failure> {
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else { return .failure(Failure(reason: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        var next = first
        while let entry = next {
            if let address = entry.pointee.ai_addr.flatMap({ NetworkAddress(socketAddress: UnsafeRawPointer($0)) }),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(Failure(reason: "the name has no address")) : .success(addresses)
    }
}
