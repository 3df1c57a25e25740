import Glibc

struct ClientFailure: Error, CustomStringConvertible {
    let description: String
}

/// A client that sends exactly the bytes it is given. Its calls block: use it within `onThread`.
final class RawClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    /// - Parameter receiveBufferBytes: a small one makes a slow reader.
    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        // A test that would hang fails instead.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            isOpen = false
            throw ClientFailure(description: "connect: \(reason)")
        }
    }

    deinit { close() }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientFailure(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Reads one answer, also an interim one.
    ///
    /// - Parameter hasBody: false for answers to HEAD.
    func readResponse(hasBody: Bool = true) throws -> RawResponse {
        while true {
            if let (response, used) = try RawResponse.parse(received, hasBody: hasBody) {
                received.removeFirst(used)
                return response
            }
            guard try receive() else {
                throw ClientFailure(description: "closed after \(received.count) bytes of an answer")
            }
        }
    }

    /// Reads what comes until the server closes the connection, in good order or not.
    ///
    /// - Throws: if it stays open.
    func readUntilClosed() throws -> [UInt8] {
        while true {
            do {
                guard try receive() else { return received }
            } catch let failure as ClientFailure where failure.description.contains("reset") {
                return received
            }
        }
    }

    /// - Returns: false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else {
            let reason = errno == ECONNRESET ? "connection reset" : String(cString: strerror(errno))
            throw ClientFailure(description: "recv: \(reason)")
        }
        received += buffer[..<count]
        return count > 0
    }

    /// Sends no more, but reads on.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// Resets the connection.
    func abort() {
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

/// A connection on which nothing is sent.
///
/// Unchecked: it is only closed, once.
final class OpenClient: @unchecked Sendable {
    private let client: RawClient

    init(port: Int) throws { client = try RawClient(port: port) }

    func close() { client.close() }
}
