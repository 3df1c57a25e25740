import HTTP
import Shared
import TestSupport
import Testing

@Suite("Who calls from where")
struct ClientRulesTests {
    private let clock = ManualClock()
    private let log = RecordingLogSink()

    private func address(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text: text)) }

    private func clientAddress(peer: String, _ forwarded: [String], trusting networks: [String]) async throws -> String
    {
        let trusted = try networks.map { try #require(NetworkPrefix(text: $0)) }
        let router = router(
            [.page { .text($0.clientAddress.description) }],
            [ClientAddress(trustedProxies: trusted, clock: clock, logger: log.logger())])
        return await router.send(
            .get, "/page", forwarded.map { ("X-Forwarded-For", $0) }, from: try address(peer)
        ).text
    }

    @Test("the peer counts when no proxy is trusted, whatever it says")
    func untrusted() async throws {
        #expect(try await clientAddress(peer: "192.0.2.1", [], trusting: []) == "192.0.2.1")
        #expect(try await clientAddress(peer: "192.0.2.1", ["198.51.100.7"], trusting: []) == "192.0.2.1")
        #expect(try await clientAddress(peer: "192.0.2.1", ["198.51.100.7"], trusting: ["10.0.0.0/8"]) == "192.0.2.1")
    }

    @Test(
        "behind trusted proxies the last hop that is none of them counts",
        arguments: [
            (["198.51.100.7"], "198.51.100.7"), (["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            (["1.1.1.1,198.51.100.7 , 10.0.0.2"], "198.51.100.7"),
            (["1.1.1.1", "198.51.100.7, 10.0.0.2"], "198.51.100.7"), (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (["2001:db8::1"], "2001:db8::1"),
            (["::ffff:198.51.100.7"], "198.51.100.7"), ([""], "10.0.0.1"), (["unknown"], "10.0.0.1"),
            (["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            (["198.51.100.7:4711"], "198.51.100.7"), (["[2001:db8::1]"], "2001:db8::1"),
            (["[2001:db8::1]:443"], "2001:db8::1"), (["1.1.1.1:1,\t198.51.100.7:80 ,10.0.0.2:65535"], "198.51.100.7"),
            ([" 198.51.100.7 ", ",", ""], "198.51.100.7"), (["2001:db8::1:443"], "2001:db8::1:443"),
            (["198.51.100.7:"], "10.0.0.1"), (["198.51.100.7:65536"], "10.0.0.1"), (["198.51.100.7:+1"], "10.0.0.1"),
            (["198.51.100.7:1:2"], "10.0.0.1"), (["[198.51.100.7]:1"], "10.0.0.1"), (["[2001:db8::1"], "10.0.0.1"),
            (["[2001:db8::1]x"], "10.0.0.1"), (["198.51. 100.7"], "10.0.0.1"), (["fe80::1%eth0"], "10.0.0.1"),
        ] as [([String], String)])
    func trusted(_ forwarded: [String], _ expected: String) async throws {
        #expect(try await clientAddress(peer: "10.0.0.1", forwarded, trusting: ["10.0.0.0/8"]) == expected)
    }

    @Test("forwarded headers from strangers are complained about once a minute")
    func complains() async throws {
        let router = router(
            [.page { _ in .text("") }], [ClientAddress(trustedProxies: [], clock: clock, logger: log.logger())])
        for _ in 1...3 { _ = await router.get("/page", [("X-Forwarded-For", "1.1.1.1")]) }
        #expect(log.entries.count == 1)
        clock.advance(by: .seconds(60))
        _ = await router.get("/page", [("X-Forwarded-For", "1.1.1.1")])
        _ = await router.get("/page")
        #expect(log.entries.count == 2)
    }

    @Test("what a trusted proxy says and nobody can read is complained about once a minute")
    func unreadable() async throws {
        let proxies = [try #require(NetworkPrefix(text: "10.0.0.0/8"))]
        let router = router(
            [.page { _ in .text("") }], [ClientAddress(trustedProxies: proxies, clock: clock, logger: log.logger())])
        for text in ["unknown", "", "1.1.1.1, _hidden"] {
            clock.advance(by: .seconds(60))
            for _ in 1...3 {
                _ = await router.send(.get, "/page", [("X-Forwarded-For", text)], from: try address("10.0.0.1"))
            }
        }
        #expect(log.entries.count == 3)
        clock.advance(by: .seconds(60))
        _ = await router.send(.get, "/page", [("X-Forwarded-For", "1.1.1.1:80")], from: try address("10.0.0.1"))
        #expect(log.entries.count == 3)
    }

    @Test("the surfaces of development are for this machine, under its own names")
    func development() async throws {
        #expect(try await developmentStatus("/dev/mailbox") == 200)
        for host in [
            "localhost", "127.0.0.1:9999", "[::1]:8080", "LOCALHOST:1", "gapura.example:8080", "gapura.example",
        ] {
            #expect(try await developmentStatus("/dev/mailbox", [("Host", host)]) == 200, "\(host)")
        }
        #expect(try await developmentStatus("/other", [("Host", "evil.example")], from: "192.0.2.1") == 200)
    }

    @Test(
        "nobody else sees that there are surfaces of development",
        arguments: [
            ([("Host", "evil.example")], "127.0.0.1"), ([("Host", "localhost.evil.example")], "127.0.0.1"),
            ([("Host", "localhost:80:80")], "127.0.0.1"),
            ([], "127.0.0.1"), ([("Host", "localhost")], "192.0.2.1"),
            ([("Host", "localhost"), ("X-Forwarded-For", "127.0.0.1")], "127.0.0.1"),
            ([("Host", "localhost"), ("Forwarded", "for=127.0.0.1")], "127.0.0.1"),
            ([("Host", "localhost"), ("Via", "1.1 x")], "127.0.0.1"),
            ([("Host", "localhost"), ("X-Real-IP", "127.0.0.1")], "127.0.0.1"),
            ([("Host", "localhost"), ("X-Forwarded-Host", "a")], "127.0.0.1"),
        ] as [([(String, String)], String)])
    func foreign(_ headers: [(String, String)], _ peer: String) async throws {
        for path in ["/dev/mailbox", "/%64ev/mailbox", "/d%65v/%6Dailbox"] {
            #expect(try await developmentStatus(path, headers, from: peer) == 404, "\(path)")
        }
        let wrongMethod = try await developmentStatus("/dev/mailbox", headers, from: peer, method: .delete)
        #expect(wrongMethod == 404)
    }

    private func developmentStatus(
        _ path: String, _ headers: [(String, String)] = [("Host", "localhost:8080")], from peer: String = "127.0.0.1",
        method: HTTP.Method = .get
    ) async throws -> Int {
        let failures = FailureMapping(logger: .silent) { problem, _ in Response(status: problem.kind.status) }
        let router = Router(
            routes: [.text(.get, "/dev/mailbox"), .text(.get, "/other")],
            middleware: [failures, DevelopmentSurface(ownHost: "gapura.example:8080")])
        return await router.send(method, path, headers, from: try address(peer)).status
    }
}
