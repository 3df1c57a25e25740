import Glibc
import Shared
import Threads

/// What looking an endpoint up gives.
enum Resolution: Sendable {
    /// One address or more, in the order of trying.
    case found([KernelAddress])
    case failed(String)
    /// The loop ended before.
    case stopped
}

/// Finds the addresses of endpoints. Names are asked for on a thread of their own: getaddrinfo(3) blocks.
struct Resolver {
    private var waiting: [Int: (Resolution) -> Void] = [:]
    private var serial = 0

    /// - Returns: the number under which the answer will come.
    mutating func expect(_ completion: @escaping (Resolution) -> Void) -> Int {
        serial += 1
        waiting[serial] = completion
        return serial
    }

    mutating func take(_ number: Int) -> ((Resolution) -> Void)? { waiting.removeValue(forKey: number) }

    mutating func takeAll() -> [(Resolution) -> Void] {
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }

    static func ask(_ host: String, _ port: UInt16) -> Resolution {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return .failed("the name was not found: \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        var addresses: [KernelAddress] = []
        var entry = list
        while let current = entry {
            if let address = KernelAddress(copying: current.pointee.ai_addr, length: current.pointee.ai_addrlen) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        return addresses.isEmpty ? .failed("the name has no address") : .found(addresses)
    }
}

extension EventLoop {
    /// - Parameter completion: called on the loop, at once if there is no name to be asked for.
    func resolve(_ endpoint: Endpoint, _ completion: @escaping (Resolution) -> Void) {
        switch endpoint {
        case .unix(let path):
            let address = KernelAddress(unixPath: path)
            completion(address.map { .found([$0]) } ?? .failed("the path of the socket cannot be used"))
        case .tcp(let host, let port):
            guard let number = UInt16(exactly: port) else { return completion(.failed("the port is no port")) }
            if let address = NetworkAddress(text: host) {
                return completion(.found([KernelAddress(address, port: number)]))
            }
            ask(host, number, resolver.expect(completion))
        }
    }

    private func ask(_ host: String, _ port: UInt16, _ serial: Int) {
        do {
            try OwnThread("resolve") {
                let result = Resolver.ask(host, port)
                self.execute { self.resolver.take(serial)?(result) }
            }
        } catch {
            resolver.take(serial)?(.failed("\(error)"))
        }
    }
}
