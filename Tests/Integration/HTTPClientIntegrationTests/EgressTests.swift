import Lifecycle
import Shared
import TestSupport
import Testing

@testable import HTTPClient

@Suite("The egress guard, at the socket", .timeLimit(.minutes(2)))
struct EgressTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private static func server(_ answer: String = ok) throws -> LocalServer {
        try LocalServer { peer in
            while peer.readHead() != nil { peer.send(answer) }
        }
    }

    private static func redirecting(to location: String, status: Int = 302) throws -> LocalServer {
        try server("HTTP/1.1 \(status) Elsewhere\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
    }

    /// As in development without anything allowed.
    private static let strict = EgressPolicy(allowsPlainHTTP: true)

    @Test("a private address gets no connection, written as itself or behind a name")
    func privateAddresses() async throws {
        let server = try Self.server()
        let resolver = ScriptedResolver([
            "inside.example": [["127.0.0.1"]], "mixed.example": [["93.184.216.34", "127.0.0.1"]],
        ])
        try await withFetcher(Self.strict, resolver: resolver) { fetcher in
            for host in ["127.0.0.1", "inside.example", "mixed.example"] {
                let request = FetchRequest("GET", try FetchURL("http://\(host):\(server.port)/"))
                #expect(try await failure { try await fetcher.fetch(request) }.kind == .refused)
            }
        }
        #expect(server.connectionCount == 0)
    }

    @Test("the system's own names for this machine are refused too")
    func systemNames() async throws {
        let server = try Self.server()
        try await withFetcher(Self.strict, resolver: SystemHostResolver()) { fetcher in
            let request = FetchRequest("GET", try FetchURL("http://localhost:\(server.port)/"))
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .refused)
        }
        #expect(server.connectionCount == 0)
    }

    @Test("an allowed name is connected at the address that was checked, under its own name")
    func pinned() async throws {
        let server = try Self.server()
        // No resolver of the machine knows this name.
        let resolver = ScriptedResolver(["pinned.invalid": [["127.0.0.1"]]])
        try await withFetcher(resolver: resolver) { fetcher in
            let request = FetchRequest("GET", try FetchURL("http://pinned.invalid:\(server.port)/"))
            #expect(try await fetcher.fetch(request).address == .loopback)
        }
        #expect(server.requests.first?.contains("Host: pinned.invalid:\(server.port)\r\n") == true)
    }

    @Test("a name that changes to a private address after the check reaches nobody, nor does a kept connection")
    func rebinding() async throws {
        let server = try Self.server()
        let resolver = ScriptedResolver(["moving.invalid": [["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]]])
        try await withFetcher(resolver: resolver) { fetcher in
            let request = FetchRequest("GET", try FetchURL("http://moving.invalid:\(server.port)/"))
            #expect(try await fetcher.fetch(request).status == 200)
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .refused)
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .refused)
        }
        #expect(server.requests.count == 1)
        #expect(resolver.names.count == 3)
    }

    @Test("what the name says later does not matter: the second request goes over the checked connection")
    func keptConnection() async throws {
        let server = try Self.server()
        let resolver = ScriptedResolver(["moving.invalid": [["127.0.0.1"], ["93.184.216.34"]]])
        try await withFetcher(resolver: resolver) { fetcher in
            let request = FetchRequest("GET", try FetchURL("http://moving.invalid:\(server.port)/"))
            #expect(try await fetcher.fetch(request).address == .loopback)
            #expect(try await fetcher.fetch(request).address == .loopback)
        }
        #expect(server.connectionCount == 1)
    }

    @Test("where the check of the name failed to see it, the socket is not opened and a kept connection not used")
    func lastLook() async throws {
        let server = try Self.server()
        let loop = TransferLoop(ordersMax: 10, connectionsMax: 10, perHostMax: 10)
        let request = FetchRequest("GET", try FetchURL("http://inside.invalid:\(server.port)/"))
        func send(_ policy: EgressPolicy) async throws -> FetchResponse {
            try await loop.run(FetchOrder(request, to: [.loopback], policy: policy, total: .seconds(10)))
        }
        let refused = try await failure { try await send(Self.strict) }
        #expect(refused.kind == .refused)
        #expect(server.connectionCount == 0)
        #expect(try await send(.loopback).status == 200)
        let again = try await failure { try await send(Self.strict) }
        #expect(again.kind == .refused)
        #expect(!again.mayHaveArrived)
        #expect(server.requests.count == 1)
        loop.close()
        await loop.ended.wait()
    }

    @Test("a redirect is an answer like others unless the caller asks to follow it")
    func redirectsAreAnswers() async throws {
        let target = try Self.server()
        let server = try Self.redirecting(to: target.url)
        try await withFetcher { fetcher in
            let response = try await fetcher.fetch(FetchRequest("GET", try FetchURL(server.url)))
            #expect(response.status == 302)
        }
        #expect(target.connectionCount == 0)
    }

    @Test("a redirect that is followed loses credentials at another origin and the body by its status")
    func redirectsFollowed() async throws {
        let target = try Self.server()
        let server = try Self.redirecting(to: "\(target.url)/there#part", status: 303)
        try await withFetcher { fetcher in
            let request = FetchRequest(
                "POST", try FetchURL(server.url),
                headers: [("Authorization", "Bearer x"), ("Content-Type", "text/plain"), ("X-Kept", "1")],
                body: Array("abc".utf8), redirectsMax: 3)
            #expect(try await fetcher.fetch(request).status == 200)
        }
        let head = try #require(target.requests.first)
        #expect(head.hasPrefix("GET /there HTTP/1.1\r\n"))
        #expect(head.contains("X-Kept: 1") && !head.contains("Bearer") && !head.contains("Content-"))
    }

    @Test(
        "each hop of a redirect is checked like the first",
        arguments: [
            "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "//0.0.0.0/",
            "http://inside.example/",
        ])
    func redirectsGuarded(location: String) async throws {
        let server = try Self.redirecting(to: location)
        let resolver = ScriptedResolver(["inside.example": [["192.168.1.1"]]])
        try await withFetcher(resolver: resolver) { fetcher in
            let request = FetchRequest("GET", try FetchURL(server.url), redirectsMax: 3)
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .refused)
        }
    }

    @Test("a circle of redirects ends, and one that leads nowhere is none")
    func redirectsEnd() async throws {
        let circle = try Self.redirecting(to: "/again")
        let nowhere = try Self.redirecting(to: "file:///etc/passwd")
        try await withFetcher { fetcher in
            let request = FetchRequest("GET", try FetchURL(circle.url), redirectsMax: 3)
            #expect(try await failure { try await fetcher.fetch(request) }.kind == .redirected)
            let other = FetchRequest("GET", try FetchURL(nowhere.url), redirectsMax: 3)
            #expect(try await failure { try await fetcher.fetch(other) }.kind == .redirected)
        }
        #expect(circle.requests.count == 4)
    }
}
