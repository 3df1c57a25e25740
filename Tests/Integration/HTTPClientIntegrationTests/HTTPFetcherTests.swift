import Glibc
import HTTPClient
import Shared
import TestSupport
import Testing

@Suite("Outgoing HTTP", .timeLimit(.minutes(5)))
struct HTTPFetcherTests {
    private static func answer(_ body: String, status: String = "200 OK", _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    /// Answers every request of a connection.
    private static func server(_ answer: String) throws -> LocalServer {
        try LocalServer { peer in
            while peer.readHead() != nil { peer.send(answer) }
        }
    }

    @Test("an answer comes with its status, headers and body, and the peer's address")
    func answer() async throws {
        let server = try Self.server(
            Self.answer("not now", status: "503 Service Unavailable", "Retry-After: 7\r\nX-Two:  a b \r\n"))
        try await withFetcher { fetcher in
            let response = try await fetcher.fetch(FetchRequest("GET", try FetchURL("\(server.url)/a?b=c")))
            #expect(response.status == 503)
            #expect(String(decoding: response.body, as: UTF8.self) == "not now")
            #expect(response.header("Retry-After") == "7")
            #expect(response.header("x-two") == "a b")
            #expect(response.address == .loopback)
            #expect(!response.isCut)
        }
        let head = try #require(server.requests.first)
        #expect(head.hasPrefix("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        #expect(head.contains("User-Agent: Gapura\r\n"))
    }

    @Test("a body is sent as it is, with the given headers and nothing made up")
    func post() async throws {
        let received = Recorder<String>()
        let server = try LocalServer { peer in
            guard peer.readHead() != nil else { return }
            received.add(peer.readBody(4))
            peer.send(Self.answer(""))
        }
        try await withFetcher { fetcher in
            let request = FetchRequest(
                "POST", try FetchURL(server.url), headers: [("X-One", "1"), ("X-Empty", "")],
                body: Array("a\0b\n".utf8))
            #expect(try await fetcher.fetch(request).status == 200)
        }
        #expect(received.all == ["a\0b\n"])
        let head = try #require(server.requests.first)
        #expect(head.hasPrefix("POST / HTTP/1.1\r\n"))
        for line in ["X-One: 1", "X-Empty:", "Content-Length: 4"] { #expect(head.contains("\(line)\r\n")) }
        #expect(!head.contains("Content-Type") && !head.contains("Expect") && !head.contains("Accept-Encoding"))
    }

    @Test("a connection is used again")
    func reuse() async throws {
        let server = try Self.server(Self.answer("x"))
        try await withFetcher { fetcher in
            for _ in 0..<5 { _ = try await fetcher.fetch(FetchRequest("GET", try FetchURL(server.url))) }
        }
        #expect(server.requests.count == 5)
        #expect(server.connectionCount == 1)
    }

    @Test("what must not be sent twice goes over a connection of its own, once")
    func freshConnection() async throws {
        // A connection that was used before and is closed without an answer is one that libcurl tries again.
        let server = try LocalServer { peer in
            guard let head = peer.readHead(), head.hasPrefix("GET /first ") else { return }
            peer.send(Self.answer("x"))
            _ = peer.readHead()
        }
        try await withFetcher { fetcher in
            #expect(try await fetcher.fetch(FetchRequest("GET", try FetchURL("\(server.url)/first"))).status == 200)
            let once = FetchRequest(
                "POST", try FetchURL("\(server.url)/once"), body: Array("code=1".utf8), needsFreshConnection: true)
            let failure = try await failure { try await fetcher.fetch(once) }
            #expect(failure.kind == .broken)
            #expect(failure.mayHaveArrived)
        }
        #expect(server.requests.count { $0.hasPrefix("POST /once ") } == 1)
        #expect(server.connectionCount == 2)
    }

    @Test("a header that would break the request's head is never sent")
    func injection() async throws {
        let server = try Self.server(Self.answer("x"))
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url), headers: [("X-One", "1\r\nX-Two: 2")])
            await #expect(throws: InternalFailure.self) { try await fetcher.fetch(request) }
        }
        #expect(server.requests.isEmpty)
    }

    @Test("proxies of the environment are not asked")
    func proxies() async throws {
        let proxy = try Self.server(Self.answer("proxy"))
        let server = try Self.server(Self.answer("server"))
        setenv("http_proxy", proxy.url, 1)
        defer { unsetenv("http_proxy") }
        try await withFetcher { fetcher in
            let response = try await fetcher.fetch(FetchRequest("GET", try FetchURL(server.url)))
            #expect(String(decoding: response.body, as: UTF8.self) == "server")
        }
        #expect(proxy.requests.isEmpty)
    }

    @Test("a server that never answers is given up after the whole time, and may have got the request")
    func hangs() async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.waitForClose()
        }
        try await withFetcher { fetcher in
            let request = FetchRequest(
                "GET", try FetchURL(server.url), limits: FetchLimits(total: .seconds(4)))
            let failure = try await failure { try await fetcher.fetch(request) }
            #expect(failure.kind == .timedOut)
            #expect(failure.mayHaveArrived)
        }
    }

    @Test("a server that drips is given up after the whole time, one that stalls after the idle time")
    func drips() async throws {
        let dripping = try LocalServer { peer in
            _ = peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while peer.stays(milliseconds: 20), peer.send("x") {}
        }
        let stalling = try LocalServer { peer in
            _ = peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
            peer.waitForClose()
        }
        try await withFetcher { fetcher in
            let drip = FetchRequest("GET", try FetchURL(dripping.url), limits: FetchLimits(total: .seconds(4)))
            #expect(try await failure { try await fetcher.fetch(drip) }.kind == .timedOut)
            let stall = FetchRequest(
                "GET", try FetchURL(stalling.url), limits: FetchLimits(total: .seconds(60), idle: .seconds(1)))
            #expect(try await failure { try await fetcher.fetch(stall) }.kind == .timedOut)
        }
    }

    @Test("megabytes are not read: they fail the request, or are cut where the caller wants the beginning")
    func megabytes() async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.send("HTTP/1.1 500 Oh\r\nContent-Length: 50000000\r\n\r\n")
            let part = [UInt8](repeating: UInt8(ascii: "y"), count: 1 << 16)
            while peer.send(part) {}
        }
        try await withFetcher { fetcher in
            var request = FetchRequest("GET", try FetchURL(server.url), limits: FetchLimits(bodyBytesMax: 1_024))
            let failure = try await failure { try await fetcher.fetch(request) }
            #expect(failure.kind == .tooLarge, "\(failure)")
            request.limits.overflow = .cut
            let response = try await fetcher.fetch(request)
            #expect(response.status == 500)
            #expect(response.body == [UInt8](repeating: UInt8(ascii: "y"), count: 1_024))
            #expect(response.isCut)
        }
    }

    @Test("a body of exactly the limit is whole")
    func exactly() async throws {
        let server = try Self.server(Self.answer("1234"))
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url), limits: FetchLimits(bodyBytesMax: 4))
            #expect(try await fetcher.fetch(request).body.count == 4)
        }
    }

    @Test("a head without end fails the request")
    func head() async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\n")
            while peer.send("X-More: \(String(repeating: "z", count: 500))\r\n") {}
        }
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url), limits: FetchLimits(headBytesMax: 4_096))
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .tooLarge)
        }
    }

    @Test(
        "an answer that breaks off is none",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "hello, this is no HTTP\r\n\r\n",
        ])
    func broken(bytes: String) async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.send(bytes)
        }
        try await withFetcher { fetcher in
            let failure = try await failure { try await fetcher.fetch(FetchRequest("GET", try FetchURL(server.url))) }
            #expect(failure.kind == .broken)
            #expect(failure.mayHaveArrived)
        }
    }

    @Test("nobody listens: the request has certainly not arrived")
    func unreachable() async throws {
        let port = try Self.server("").port
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL("http://127.0.0.1:\(port)"))
            let failure = try await failure { try await fetcher.fetch(request) }
            #expect(failure.kind == .unreachable)
            #expect(!failure.mayHaveArrived)
        }
    }

    @Test("a cancelled task ends its request at once")
    func cancelled() async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.waitForClose()
        }
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url), limits: FetchLimits(total: .seconds(60)))
            let task = Task { try await fetcher.fetch(request) }
            try await until { server.requests.count == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("more requests than agreed are refused, and what is on its way ends with the process")
    func limits() async throws {
        let server = try LocalServer { peer in
            _ = peer.readHead()
            peer.waitForClose()
        }
        let url = try FetchURL(server.url)
        let request = FetchRequest("GET", url, limits: FetchLimits(total: .seconds(60)))
        let task = try await withFetcher(ordersMax: 1) { fetcher in
            let task = Task { try await fetcher.fetch(request) }
            try await until { server.requests.count == 1 }
            await #expect(throws: Unavailable.self) { try await fetcher.fetch(request) }
            return task
        }
        await #expect(throws: Unavailable.self) { try await task.value }
    }

    @Test("many requests at once all have their own answers")
    func parallel() async throws {
        let server = try LocalServer { peer in
            while let head = peer.readHead() {
                peer.send(Self.answer(String(head.split(separator: " ")[1])))
            }
        }
        try await withFetcher { fetcher in
            let bodies = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for number in 0..<60 {
                    let url = try FetchURL("\(server.url)/\(number)")
                    group.addTask {
                        let response = try await fetcher.fetch(FetchRequest("GET", url))
                        return (number, String(decoding: response.body, as: UTF8.self))
                    }
                }
                var bodies: [Int: String] = [:]
                for try await (number, body) in group { bodies[number] = body }
                return bodies
            }
            #expect(bodies == Dictionary(uniqueKeysWithValues: (0..<60).map { ($0, "/\($0)") }))
        }
        #expect(server.connectionCount <= 16)
    }

    @Test("an origin that failed five times is left alone, then one request sees whether it is back")
    func breaker() async throws {
        let isBack = Recorder<Void>()
        let server = try LocalServer { peer in
            guard peer.readHead() != nil, !isBack.all.isEmpty else { return }
            peer.send(Self.answer("back"))
        }
        let clock = ManualClock()
        try await withFetcher(breaker: CircuitBreaker(clock: clock)) { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url))
            for _ in 0..<5 { #expect(try await failure { try await fetcher.fetch(request) }.kind == .broken) }
            let asked = server.requests.count
            let paused = try await failure { try await fetcher.fetch(request) }
            #expect(paused.kind == .paused)
            #expect(paused.retryAfter == .seconds(30))
            #expect(server.requests.count == asked)
            isBack.add(())
            clock.advance(by: .seconds(30))
            #expect(try await fetcher.fetch(request).status == 200)
            #expect(try await fetcher.fetch(request).status == 200)
        }
    }
}
