import HTTPServer
import Lifecycle
import Testing

@Suite("Deadlines")
struct DeadlineTests {
    /// Sends single bytes until the server has had enough.
    private func trickle(port: Int, _ head: String, _ piece: String) async throws -> [UInt8] {
        try await onThread {
            let client = try RawClient(port: port)
            try client.send(head)
            do {
                try wait(for: "the cut") {
                    try client.send(piece)
                    pause(milliseconds: 4)
                    return false
                }
            } catch is ClientFailure {
                // It has been cut.
            }
            return try client.readUntilClosed()
        }
    }

    @Test("a head that trickles in is cut, though it never stops")
    func trickledHead() async throws {
        let settings = TestServer.settings {
            $0.headDeadline = .milliseconds(100)
            $0.idleTimeout = .seconds(3_600)
        }
        try await TestServer.run(settings) { test in
            let requestLine = try await trickle(port: test.port, "", "G")
            #expect(requestLine.isEmpty)
            let field = try await trickle(port: test.port, "GET /echo HTTP/1.1\r\nHost: a\r\nX: ", "b")
            #expect(field.isEmpty)
            let second = try await trickle(
                port: test.port, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nX:", "b")
            #expect(second.starts(with: "HTTP/1.1 200".utf8))
            #expect(try await test.isAlive())
        }
    }

    @Test("a body that trickles in, chunked or not, is cut, though it never stops")
    func trickledBody() async throws {
        let settings = TestServer.settings { $0.bodyDeadline = .milliseconds(100) }
        try await TestServer.run(settings) { test in
            let sized = try await trickle(
                port: test.port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", "b")
            #expect(sized.isEmpty)
            let chunked = try await trickle(
                port: test.port, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nb\r\n")
            #expect(chunked.isEmpty)
            #expect(try await test.isAlive())
        }
    }

    @Test("a body that never comes is cut")
    func missingBody() async throws {
        let settings = TestServer.settings { $0.bodyDeadline = .milliseconds(100) }
        try await TestServer.run(settings) { test in
            let port = test.port
            let received = try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nb")
                return try client.readUntilClosed()
            }
            #expect(received.isEmpty)
        }
    }

    @Test("a connection on which nothing ever comes is closed, and so is one that has been idle for too long")
    func idle() async throws {
        let settings = TestServer.settings {
            $0.headDeadline = .milliseconds(100)
            $0.idleTimeout = .milliseconds(100)
        }
        try await TestServer.run(settings) { test in
            let port = test.port
            try await onThread {
                #expect(try RawClient(port: port).readUntilClosed().isEmpty)
                let client = try RawClient(port: port)
                try client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().status == 200)
                #expect(try client.readUntilClosed().isEmpty)
            }
            #expect(await eventually { test.statistics.openConnections == 0 })
        }
    }

    @Test("a client that does not read its answer is cut")
    func slowReader() async throws {
        let settings = TestServer.settings { $0.sendDeadline = .milliseconds(100) }
        try await TestServer.run(settings) { test in
            let port = test.port
            let received = try await onThread {
                let client = try RawClient(port: port, receiveBufferBytes: 4_096)
                try client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
                try wait(for: "the connection") { test.statistics.openConnections > 0 }
                try wait(for: "its end") { test.statistics.openConnections == 0 }
                return try client.readUntilClosed().count
            }
            #expect(received < 16 << 20)
            #expect(try await test.isAlive())
        }
    }

    @Test("a handler may take longer than every deadline")
    func slowHandler() async throws {
        let settings = TestServer.settings {
            $0.headDeadline = .milliseconds(100)
            $0.bodyDeadline = .milliseconds(100)
            $0.idleTimeout = .milliseconds(100)
            $0.sendDeadline = .milliseconds(100)
        }
        try await TestServer.run(settings) { test in
            async let response = test.exchange("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await eventually { test.application.arrivalCount == 1 })
            // Time must pass here: it is what would cut the connection.
            try await Task.sleep(for: .milliseconds(400))
            test.application.gate.open()
            #expect(try await response.text == "GET /wait\n")
        }
    }
}
