import Glibc
import Shared
import TestSupport
import Threads

/// A server on the loopback interface that does to each connection what a test says: also what no good server does.
final class LocalServer: Sendable {
    /// The server's end of a connection, used by its own thread.
    final class Peer: Sendable {
        private let descriptor: Int32
        private let heads: Recorder<String>

        init(_ descriptor: Int32, _ heads: Recorder<String>) {
            self.descriptor = descriptor
            self.heads = heads
        }

        /// Reads the head of a request; nil if the client has closed.
        func readHead() -> String? {
            var head: [UInt8] = []
            while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                guard let byte = readByte() else { return nil }
                head.append(byte)
            }
            let text = String(decoding: head, as: UTF8.self)
            heads.add(text)
            return text
        }

        func readBody(_ count: Int) -> String {
            String(decoding: (0..<count).compactMap { _ in readByte() }, as: UTF8.self)
        }

        /// - Returns: false if the client has closed.
        @discardableResult
        func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }

        /// Reads on until the client closes.
        func waitForClose() { while readByte() != nil {} }

        /// Whether the client stays for so long.
        func stays(milliseconds: Int32) -> Bool {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, milliseconds) == 0
        }

        private func readByte() -> UInt8? {
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, 0) == 1 ? byte : nil
        }
    }

    let port: Int
    private let listener: Int32
    private let heads = Recorder<String>()
    private let accepted = Recorder<Void>()

    /// - Parameter serve: what happens to a connection, on a thread of its own; it is closed afterwards.
    init(_ serve: @escaping @Sendable (Peer) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard code else { throw InternalFailure("listen: \(String(cString: strerror(errno)))") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        try OwnThread("test-server") { [listener, heads, accepted] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                accepted.add(())
                _ = try? OwnThread("test-peer") {
                    serve(Peer(descriptor, heads))
                    close(descriptor)
                }
            }
            // Here and nowhere else: its number may be another socket's at once.
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)" }
    /// What was asked, in order.
    var requests: [String] { heads.all }
    var connectionCount: Int { accepted.all.count }
}
