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

/// The endpoints whose addresses a loop waits for.
struct Resolver {
    /// For all loops of the process.
    static let lookUp = NameLookup()

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
            try Resolver.lookUp(host) { result in
                let resolution: Resolution =
                    switch result {
                    case .success(let addresses): .found(addresses.map { KernelAddress($0, port: port) })
                    case .failure(let failure): .failed("the name was not found: \(failure.reason)")
                    }
                self.execute { self.resolver.take(serial)?(resolution) }
            }
        } catch {
            resolver.take(serial)?(.failed("\(error)"))
        }
    }
}
