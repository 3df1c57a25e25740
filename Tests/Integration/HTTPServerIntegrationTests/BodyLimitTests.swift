import HTTPServer
import Lifecycle
import Shared
import Testing

@Suite("Bodies that are too large")
struct BodyLimitTests {
    private static let settings = TestServer.settings { $0.bodyLimit = ByteCount(bytes: 1_000) }

    @Test("a length over the limit is refused before the body is sent, even to a client that waits for 100 Continue")
    func byLength() async throws {
        try await TestServer.run(Self.settings) { test in
            for expectation in ["", "Expect: 100-continue\r\n"] {
                let response = try await test.exchange(
                    "POST /echo HTTP/1.1\r\nHost: a\r\n\(expectation)Content-Length: 1001\r\n\r\n")
                #expect(response.status == 413 && response.closes && response.text == "at most 1000")
            }
            #expect(try await test.isAlive())
        }
    }

    @Test("a client that sends the body all the same can read the refusal, and is not reset at once")
    func byLengthWhileSending() async throws {
        try await TestServer.run(Self.settings) { test in
            let port = test.port
            let response = try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
                try client.send([UInt8](repeating: 65, count: 100_000))
                try wait(for: "the end of the connection") { test.statistics.openConnections == 0 }
                for _ in 0..<5 {
                    try client.send([UInt8](repeating: 65, count: 100_000))
                    pause(milliseconds: 5)
                }
                return try client.readResponse()
            }
            #expect(response.status == 413)
        }
    }

    @Test("the limit itself is allowed")
    func exact() async throws {
        try await TestServer.run(Self.settings) { test in
            let body = String(repeating: "b", count: 1_000)
            let response = try await test.exchange(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n\(body)")
            #expect(response.text == "POST /echo\n\(body)")
            let chunked = try await test.exchange(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n\(body)\r\n0\r\n\r\n")
            #expect(chunked.text == "POST /echo\n\(body)")
        }
    }

    @Test("a chunked body over the limit is read to its end and refused")
    func byChunks() async throws {
        try await TestServer.run(Self.settings) { test in
            let chunk = "2000\r\n\(String(repeating: "b", count: 0x2000))\r\n"
            let response = try await test.exchange(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 20) + "0\r\n\r\n")
            #expect(response.status == 413 && response.closes && response.text == "at most 1000")
            #expect(try await test.isAlive())
        }
    }

    @Test("a chunked body without an end is cut")
    func withoutEnd() async throws {
        try await TestServer.run(Self.settings) { test in
            let port = test.port
            let received = try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = Array("10000\r\n\(String(repeating: "b", count: 0x10000))\r\n".utf8)
                do {
                    for _ in 0..<1_000 { try client.send(chunk) }
                    Issue.record("64 MB were taken")
                } catch is ClientFailure {
                    // It has been cut.
                }
                return try client.readUntilClosed()
            }
            #expect(received.isEmpty)
            #expect(try await test.isAlive())
        }
    }
}
