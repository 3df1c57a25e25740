import AccountsApplication
import Crypto
import HTTPClient
import HTTPClientDoubles
import JSON
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Providers that are out of order")
struct ProviderOutageTests {
    private let issuer: IssuerDouble

    init() throws {
        issuer = try IssuerDouble()
    }

    /// The claims as they would be made now.
    private func renewClaims() {
        let now = issuer.clock.now.seconds
        issuer.claim("iat", .integer(now))
        issuer.claim("exp", .integer(now + 300))
    }

    private func count(_ path: String) -> Int { issuer.paths().count { $0 == path } }

    @Test(
        "an error of its own, a redirect, a page, too much: unavailable, and the code goes out once",
        arguments: [
            FetchResponse(status: 500), FetchResponse(status: 503, headers: [.init("retry-after", "7")]),
            FetchResponse(status: 302, headers: [.init("location", "https://issuer.example/keys")]),
            FetchResponse(status: 200, body: Array("<!doctype html>".utf8)), FetchResponse(status: 200),
            FetchResponse(status: 204), FetchResponse(status: 429),
        ])
    func amiss(answer: FetchResponse) async throws {
        issuer.change { $0.answers["/token"] = answer }
        let expected: Duration? = answer.status == 503 ? .seconds(7) : nil
        #expect(await issuer.fault(issuer.provider()) == .unavailable(retryAfter: expected))
        #expect(count("/token") == 1)
    }

    @Test("a connection that breaks: the code goes out once, the keys are asked for twice")
    func broken() async throws {
        issuer.change { $0.failures["/token"] = FetchFailure(.broken, "in a test", mayHaveArrived: true) }
        #expect(await issuer.fault(issuer.provider()) == .unavailable(retryAfter: nil))
        #expect(count("/token") == 1)
        issuer.change { script in
            script.failures = ["/keys": FetchFailure(.broken, "in a test", mayHaveArrived: true)]
        }
        #expect(await issuer.fault(issuer.provider()) == .unavailable(retryAfter: nil))
        let asked = issuer.http.requests.filter { $0.url.target == "/keys" }
        #expect(asked.map(\.needsFreshConnection).prefix(2) == [false, true])
    }

    @Test("after five failures in a row it is left alone for 30 s, then one call sees")
    func breaker() async throws {
        let provider = issuer.provider()
        #expect(await issuer.fault(provider) == nil)
        issuer.change { $0.answers["/token"] = FetchResponse(status: 500) }
        for _ in 0..<5 { #expect(await issuer.fault(provider) == .unavailable(retryAfter: nil)) }
        let asked = issuer.http.requests.count
        #expect(await issuer.fault(provider) == .unavailable(retryAfter: .seconds(30)))
        #expect(issuer.http.requests.count == asked)
        issuer.clock.advance(by: .seconds(30))
        renewClaims()
        issuer.change { $0.answers = [:] }
        #expect(await issuer.fault(provider) == nil)
        #expect(await issuer.fault(provider) == nil)
    }

    @Test("document and keys are fetched once, for many at once, and refreshed behind after their time")
    func kept() async throws {
        let provider = issuer.provider()
        await withTaskGroup(of: ProviderFault?.self) { group in
            for _ in 0..<20 { group.addTask { [issuer] in await issuer.fault(provider) } }
            for await fault in group { #expect(fault == nil) }
        }
        #expect(count("/.well-known/openid-configuration") == 1)
        #expect(count("/keys") == 1)
        issuer.clock.advance(by: .seconds(601))
        renewClaims()
        #expect(await issuer.fault(provider) == nil)
        try await until { count("/keys") == 2 }
        #expect(count("/.well-known/openid-configuration") == 1)
        issuer.clock.advance(by: .seconds(3_000))
        renewClaims()
        #expect(await issuer.fault(provider) == nil)
        try await until { count("/.well-known/openid-configuration") == 2 }
    }

    @Test("the last good keys serve for 24 h of an outage, and no longer")
    func outage() async throws {
        let provider = issuer.provider()
        #expect(await issuer.fault(provider) == nil)
        issuer.change { script in
            script.answers["/keys"] = FetchResponse(status: 500)
            script.answers["/.well-known/openid-configuration"] = FetchResponse(status: 200, body: Array("no".utf8))
        }
        issuer.clock.advance(by: .seconds(86_000))
        renewClaims()
        #expect(await issuer.fault(provider) == nil)
        issuer.clock.advance(by: .seconds(500))
        renewClaims()
        #expect(await issuer.fault(provider) == .unavailable(retryAfter: nil))
    }

    @Test("a key that the issuer changed is found at once; made-up names load no more than once a minute")
    func rotation() async throws {
        let provider = issuer.provider()
        #expect(await issuer.fault(provider) == nil)
        let newer = try PrivateSigningKey.generate(.es256)
        issuer.change { script in
            script.key = newer
            script.publishedKeys = [newer]
        }
        #expect(await issuer.fault(provider) == nil)
        #expect(count("/keys") == 2)
        issuer.change { $0.header["kid"] = "made-up" }
        for _ in 0..<10 { #expect(await issuer.fault(provider) == .rejected(reason: "id_token_unknown_key")) }
        #expect(count("/keys") == 2)
        issuer.clock.advance(by: .seconds(60))
        renewClaims()
        for _ in 0..<10 { #expect(await issuer.fault(provider) == .rejected(reason: "id_token_unknown_key")) }
        #expect(count("/keys") == 3)
    }

    @Test(
        "how long keys are kept",
        arguments: [
            (nil, 3_600), ("max-age=10", 300), ("public, max-age=7200", 7_200), ("max-age=999999", 86_400),
            ("no-store", 300), ("max-age=x", 3_600),
        ] as [(String?, Int)])
    func lifetime(header: String?, seconds: Int) {
        #expect(IssuerKeys.lifetime(cacheControl: header) == .seconds(seconds))
    }

    @Test("a call that hangs ends with the callback's time, whatever else goes on")
    func hanging() async throws {
        let start = ContinuousClock.now
        do throws(ProviderFault) {
            _ = try await TimeLimit.run(.milliseconds(50)) { () async throws(ProviderFault) -> Int in
                try? await Task.sleep(for: .seconds(600))
                return 1
            }
            Issue.record("it ended in time")
        } catch {
            #expect(error == .unavailable(retryAfter: nil))
        }
        #expect(ContinuousClock.now - start < .seconds(300))
    }
}
