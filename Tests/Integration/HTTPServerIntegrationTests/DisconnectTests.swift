import HTTPServer
import Lifecycle
import Testing

@Suite("Clients that go away")
struct DisconnectTests {
    @Test("a client that has closed its sending side still gets an answer, from handlers that suspend too")
    func halfClosedReader() async throws {
        let settings = TestServer.settings {
            $0.threads = 1
            $0.disconnectGrace = .seconds(3_600)
        }
        try await TestServer.run(settings) { test in
            let port = test.port
            // libmicrohttpd treats the oldest connection in another way than those after it.
            let oldest = try await onThread { try OpenClient(port: port) }
            #expect(await eventually { test.statistics.openConnections == 1 })
            for target in ["/echo", "/hop"] {
                let text = try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                    client.finishSending()
                    return try client.readResponse().text
                }
                #expect(text == "POST \(target)\nhi")
            }
            async let waited = onThread {
                let client = try RawClient(port: port)
                try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                client.finishSending()
                let response = try client.readResponse()
                #expect(try client.readUntilClosed().isEmpty)
                return response.text
            }
            #expect(await eventually { test.statistics.suspendedExchanges == 1 })
            test.application.gate.open()
            #expect(try await waited == "GET /wait\n")
            oldest.close()
            #expect(test.application.cancellationCount == 0)
        }
    }

    @Test("a handler whose client has reset the connection is cancelled at once")
    func reset() async throws {
        let settings = TestServer.settings { $0.disconnectGrace = .seconds(3_600) }
        try await TestServer.run(settings) { test in
            try await abandon(test) { $0.abort() }
            #expect(await eventually { test.application.cancellationCount == 1 })
            #expect(await eventually { test.statistics.openConnections == 0 && test.statistics.liveExchanges == 0 })
            #expect(try await test.isAlive())
        }
    }

    @Test("a handler whose client has closed the connection is cancelled after the grace time")
    func closed() async throws {
        try await TestServer.run { test in
            try await abandon(test) { $0.close() }
            #expect(await eventually { test.application.cancellationCount == 1 })
            #expect(await eventually { test.statistics.openConnections == 0 && test.statistics.liveExchanges == 0 })
        }
    }

    /// Leaves while the handler waits.
    private func abandon(_ test: TestServer, leave: @escaping @Sendable (RawClient) -> Void) async throws {
        let before = test.application.arrivalCount
        try await onThread {
            let client = try RawClient(port: test.port)
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try wait(for: "the request") { test.application.arrivalCount > before }
            leave(client)
        }
    }

    @Test("hundreds of clients that leave in the middle leave nothing behind")
    func manyAborts() async throws {
        try await TestServer.run { test in
            let port = test.port
            try await onThread {
                for round in 0..<200 {
                    let client = try RawClient(port: port)
                    switch round % 4 {
                    case 0: try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
                    case 1:
                        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\na")
                    case 2: try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                    default:
                        try client.send("GET /hop HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\nGET")
                    }
                    if round % 8 < 4 { client.abort() } else { client.close() }
                }
                for _ in 0..<200 {
                    let client = try RawClient(port: port)
                    try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                    client.abort()
                }
            }
            #expect(
                await eventually {
                    test.statistics.openConnections == 0 && test.statistics.liveExchanges == 0
                        && test.statistics.suspendedExchanges == 0
                }, "\(test.statistics)")
            #expect(try await test.isAlive())
        }
    }
}
