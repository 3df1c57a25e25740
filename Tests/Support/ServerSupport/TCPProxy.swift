import Glibc
import Shared
import Synchronization
import Threads

/// Stands between a client and a server and spoils what goes through, on threads of its own.
package final class TCPProxy: Sendable {
    package enum Behaviour: Sendable {
        case forward
        /// Takes everything and passes nothing on.
        case swallow
        /// Passes a question with this word on, waits for its answer, and closes the connection instead of giving it
        /// back.
        case cutAfter(String)
        /// Closes the connection instead of passing a question with this word on.
        case cutBefore(String)
    }

    package let port: Int
    private let listener: Int32
    private let target: Int?
    private let behaviour = Mutex(Behaviour.forward)
    private let clients = Mutex<Set<Int32>>([])

    /// - Parameter target: the server's port on this machine; nil accepts and never answers.
    package init(to target: Int?) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isListening else { throw InternalFailure("the proxy cannot listen") }
        try OwnThread("test-proxy") {
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                _ = self.clients.withLock { $0.insert(client) }
                _ = try? OwnThread("test-proxy") { self.serve(client) }
            }
        }
    }

    package func set(_ behaviour: Behaviour) { self.behaviour.withLock { $0 = behaviour } }

    /// Cuts every connection, as a restarted gateway does.
    package func cut() {
        for client in clients.withLock({ $0 }) { shutdown(client, Int32(SHUT_RDWR)) }
    }

    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        cut()
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private func serve(_ client: Int32) {
        let server = target.map(Self.connected) ?? -1
        defer {
            _ = clients.withLock { $0.remove(client) }
            close(client)
            if server >= 0 { close(server) }
        }
        while true {
            var ends = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&ends, 2, -1) > 0 else { return }
            if ends[0].revents != 0, !pass(from: client, to: server, isQuestion: true) { return }
            if ends[1].revents != 0, !pass(from: server, to: client, isQuestion: false) { return }
        }
    }

    /// - Returns: false to close both.
    private func pass(from source: Int32, to sink: Int32, isQuestion: Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(source, &buffer, buffer.count)
        if count <= 0 { return false }
        let behaviour = behaviour.withLock { $0 }
        if case .swallow = behaviour { return true }
        if sink < 0 { return true }
        if isQuestion, case .cutBefore(let word) = behaviour, holds(buffer[..<count], word) { return false }
        var sent = 0
        while sent < count {
            let written = buffer.withUnsafeBytes { write(sink, $0.baseAddress! + sent, count - sent) }
            if written <= 0 { return false }
            sent += written
        }
        if isQuestion, case .cutAfter(let word) = behaviour, holds(buffer[..<count], word) {
            _ = read(sink, &buffer, buffer.count)
            return false
        }
        return true
    }

    private func holds(_ bytes: ArraySlice<UInt8>, _ word: String) -> Bool {
        !bytes.split(separator: Array(word.utf8), omittingEmptySubsequences: false).dropFirst().isEmpty
    }

    private static func connected(_ port: Int) -> Int32 {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return server }
        close(server)
        return -1
    }
}
