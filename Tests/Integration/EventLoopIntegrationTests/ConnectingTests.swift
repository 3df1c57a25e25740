import EventLoop
import Glibc
import ServerSupport
import Shared
import TestSupport
import Testing

@Suite("Connecting", .timeLimit(.minutes(5)))
struct ConnectingTests {
    @Test("to a name finds its address")
    func name() async throws {
        try await withLoop { loop in
            let port = try await loop.listen(.echo)
            let story = try await loop.connect(to: port, host: "localhost", Peer.Hooks(opened: { $0.write([5]) }))
            #expect(await story.wait { !$0.bytes.isEmpty || $0.isEnded }.bytes == [5])
        }
    }

    @Test("to a name that can be nobody's says that it was not found")
    func unknownName() async throws {
        try await withLoop { loop in
            // No label is so long, so no name server is asked.
            let name = String(repeating: "a", count: 64) + ".invalid"
            let end = try await loop.connect(to: 9, host: name).wait { $0.isEnded }
            #expect(end.failure?.kind == .unresolved)
        }
    }

    @Test("to a port where nobody listens is refused")
    func refused() async throws {
        try await withLoop { loop in
            let port = try await loop.run { loop in
                let listener = try Listener(loop, .loopback, port: 0) { Peer() }
                listener.close()
                return listener.port
            }
            let end = try await loop.connect(to: port).wait { $0.isEnded }
            #expect(end.failure?.kind == .refused)
            #expect(!end.isOpen)
        }
    }

    @Test("to a server that takes no more connections ends after its time")
    func timeOut() async throws {
        let clock = ManualClock()
        let server = try FullServer()
        defer { server.close() }
        try await withLoop(clock: clock) { loop in
            let story = try await loop.connect(to: server.port, timeout: .seconds(5))
            clock.advance(by: .milliseconds(4_900))
            // Two rounds: nothing happens before the time.
            for _ in 0..<2 { try await loop.run { _ in } }
            #expect(!story.value.isEnded)
            clock.advance(by: .milliseconds(101))
            try await loop.run { _ in }
            #expect(await story.wait { $0.isEnded }.failure?.kind == .timedOut)
        }
    }

    @Test("with TLS to a server that never answers ends after its time")
    func handshakeTimeOut() async throws {
        let clock = ManualClock()
        try await Wire.tls.with { _, client in
            try await withLoop(clock: clock) { loop in
                let silent = Watched(Story())
                let port = try await loop.listen(Peer.Hooks(), silent)
                let story = try await loop.connect(to: port, tls: client, timeout: .seconds(5))
                // Its greeting has arrived, so it waits for the answer.
                await silent.wait { !$0.bytes.isEmpty }
                #expect(!story.value.isEnded)
                clock.advance(by: .seconds(6))
                try await loop.run { _ in }
                let end = await story.wait { $0.isEnded }
                #expect(end.failure?.kind == .timedOut)
                #expect(end.failure?.reason.contains("TLS") == true)
            }
        }
    }

    @Test("with TLS refuses a certificate that is not trusted or is for another name, and says so")
    func trust() async throws {
        try await withTemporaryFolder { folder in
            let files = try await TestCertificates.make(in: folder)
            let server = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
            try await withLoop { loop in
                let port = try await loop.listen(.echo, tls: server, host: NetworkAddress(ipv4: 0))
                let stranger = try TLSContext(trusting: .file(files.stranger))
                let own = try TLSContext(trusting: .file(files.certificate))
                for (context, host) in [(stranger, "127.0.0.1"), (own, "127.0.0.2")] {
                    let end = try await loop.connect(to: port, host: host, tls: context).wait { $0.isEnded }
                    #expect(!end.isOpen)
                    #expect(end.failure?.kind == .insecure)
                    #expect(end.failure?.reason.contains("certificate is not trusted") == true)
                }
                let story = try await loop.connect(to: port, host: "localhost", tls: own)
                #expect(await story.wait { $0.isOpen || $0.isEnded }.isOpen)
            }
        }
    }

    @Test("with TLS agrees on a protocol, or not at all")
    func protocols() async throws {
        try await withTemporaryFolder { folder in
            let files = try await TestCertificates.make(in: folder)
            let server = try TLSContext(
                certificateFile: files.certificate, keyFile: files.key, protocols: ["h2", "http/1.1"])
            try await withLoop { loop in
                let port = try await loop.listen(.echo, tls: server)
                let chosen = Watched<[String?]>([])
                for offered in [["http/1.1", "h2"], ["http/1.1"]] {
                    let client = try TLSContext(trusting: .file(files.certificate), protocols: offered)
                    _ = try await loop.connect(
                        to: port, tls: client,
                        Peer.Hooks(opened: { connection in chosen.update { $0.append(connection.chosenProtocol) } }))
                }
                await chosen.wait { $0.count == 2 }
                #expect(Set(chosen.value) == ["h2", "http/1.1"])
                let odd = try TLSContext(trusting: .file(files.certificate), protocols: ["spdy"])
                let end = try await loop.connect(to: port, tls: odd).wait { $0.isEnded }
                #expect(end.failure?.kind == .insecure && !end.isOpen)
            }
        }
    }

    @Test("with TLS to a server that speaks something else fails at once")
    func notTLS() async throws {
        try await Wire.tls.with { _, client in
            try await withLoop { loop in
                let port = try await loop.listen(Peer.Hooks(opened: { $0.write(Array("-ERR go away\r\n".utf8)) }))
                let end = try await loop.connect(to: port, tls: client).wait { $0.isEnded }
                #expect(end.failure?.kind == .insecure)
            }
        }
    }

    @Test("a file that holds no certificates is refused with its name")
    func badFiles() async throws {
        let failure = #expect(throws: ConnectionFailure.self) { try TLSContext(trusting: .file("/nowhere/ca.pem")) }
        #expect(failure?.reason.contains("/nowhere/ca.pem") == true)
    }
}

/// A listening socket whose queue is full, so that the kernel answers nobody.
struct FullServer {
    let port: Int
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 0) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw InternalFailure("cannot listen") }
        port = Int(UInt16(bigEndian: address.sin_port))
        // The queue of length 0 takes one; the others wait for it.
        let fillers = (0..<4).map { _ in
            let filler = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, length) }
            }
            return filler
        }
        descriptors = [listener] + fillers
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }
}

/// Tests run at once: thousands of connections need more descriptors than the usual soft limit.
func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 16_384))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
