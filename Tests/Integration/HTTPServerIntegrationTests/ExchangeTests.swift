import Testing

@Suite("Requests and answers")
struct ExchangeTests {
    @Test("a connection serves one request after the other")
    func keepAlive() async throws {
        try await TestServer.run { test in
            let port = test.port
            let texts = try await onThread {
                let client = try RawClient(port: port)
                return try ["/echo", "/now", "/hop", "/echo?a=b&c=d+e%20f", "/hop", "/now?a", "/echo"].map { target in
                    try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                    let response = try client.readResponse()
                    #expect(!response.closes && response["Date"] != nil)
                    return response.text
                }
            }
            #expect(
                texts == [
                    "GET /echo\n", "GET /now\n", "GET /hop\n", "GET /echo?a=b&c=d+e%20f\n", "GET /hop\n",
                    "GET /now?a\n", "GET /echo\n",
                ])
        }
    }

    @Test("twelve requests in one write are answered in order, whether they suspend or not")
    func pipelining() async throws {
        try await TestServer.run { test in
            let port = test.port
            let targets = (0..<12).map { "\(["/echo", "/hop", "/now"][$0 % 3])?\($0)" }
            let texts = try await onThread {
                let client = try RawClient(port: port)
                try client.send(
                    targets.map { "POST \($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" }.joined())
                return try targets.map { _ in try client.readResponse().text }
            }
            #expect(texts == targets.map { "POST \($0)\nhi" })
        }
    }

    @Test("a pipelining client that has closed its sending side gets every answer")
    func pipeliningHalfClosed() async throws {
        try await TestServer.run { test in
            let port = test.port
            let texts = try await onThread {
                let client = try RawClient(port: port)
                try client.send((0..<6).map { "GET /hop?\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                client.finishSending()
                return try (0..<6).map { _ in try client.readResponse().text }
            }
            #expect(texts == (0..<6).map { "GET /hop?\($0)\n" })
        }
    }

    @Test("HEAD gets the head of the answer, and the connection goes on")
    func head() async throws {
        try await TestServer.run { test in
            let port = test.port
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try client.readResponse(hasBody: false)
                #expect(head.status == 200 && head["Content-Length"] == "11" && head["X-Target"] == "HEAD /echo")
                #expect(try client.readResponse().text == "GET /echo\n")
            }
        }
    }

    @Test("a chunked body arrives whole, whatever the chunks, extensions and trailers")
    func chunked() async throws {
        try await TestServer.run { test in
            let port = test.port
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.send("3;x=y\r\nabc\r\n1\r\nd\r")
                try client.send("\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().text == "POST /echo\nabcd0123456789")
                #expect(try client.readResponse().text == "GET /echo\n")
            }
        }
    }

    @Test("a body in many pieces arrives whole")
    func longBody() async throws {
        try await TestServer.run { test in
            let port = test.port
            let body = String((0..<30_000).flatMap { "\($0)," }.prefix(150_000))
            let text = try await onThread {
                let client = try RawClient(port: port)
                try client.send("PUT /hop HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
                for start in stride(from: 0, to: body.utf8.count, by: 7_000) {
                    try client.send(Array(body.utf8.dropFirst(start).prefix(7_000)))
                }
                return try client.readResponse().text
            }
            #expect(text == "PUT /hop\n" + body)
        }
    }

    @Test("a client that waits for 100 Continue gets it")
    func expectContinue() async throws {
        try await TestServer.run { test in
            let port = test.port
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                #expect(try client.readResponse().status == 100)
                try client.send("hi")
                #expect(try client.readResponse().text == "POST /echo\nhi")
            }
        }
    }

    @Test("HTTP/1.0 closes unless it asks otherwise")
    func version10() async throws {
        try await TestServer.run { test in
            #expect(try await test.exchange("GET /echo HTTP/1.0\r\n\r\n").closes)
            let kept = try await test.exchange("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(kept["Connection"] == "Keep-Alive")
        }
    }

    @Test("the application sees header values trimmed, the peer's address, and the target as sent")
    func request() async throws {
        try await TestServer.run { test in
            let response = try await test.exchange(
                "GET /a%2Fb/../%41;c?d=%26&e HTTP/1.1\r\nhost: a\r\nx-ECHO: \t a b \t\r\nX-Empty:\r\n\r\n")
            #expect(response["X-Target"] == "GET /a%2Fb/../%41;c?d=%26&e")
            #expect(response["X-Echoed"] == "a b")
            #expect(response["X-Peer"] == "127.0.0.1")
        }
    }

    @Test("an answer that cannot be one cuts the connection")
    func invalidAnswer() async throws {
        try await TestServer.run { test in
            let port = test.port
            let received = try await onThread {
                let client = try RawClient(port: port)
                try client.send("GET /invalid HTTP/1.1\r\nHost: a\r\n\r\n")
                return try client.readUntilClosed()
            }
            #expect(received.isEmpty)
            #expect(try await test.isAlive())
        }
    }
}
