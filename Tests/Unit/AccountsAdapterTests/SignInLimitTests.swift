import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Limits on signing in")
struct SignInLimitTests {
    private func attempt(_ client: RESTClient, _ email: String, from address: String) async throws -> Response {
        await client.post(
            "/login", ["email": .string(email), "password": "wrong horse"],
            from: try #require(NetworkAddress(text: address)))
    }

    @Test("an account has so many attempts in each window, wherever they come from")
    func perAccount() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes(["RATE_LIMIT": "3/1m"]))
        for number in 1...3 {
            let answer = try await attempt(client, "ana@example.com", from: "192.0.2.\(number)")
            #expect(answer.code == "invalid_credentials")
        }
        fixture.clock.advance(by: .seconds(10))
        let refused = try await attempt(client, "ANA@example.com", from: "192.0.2.9")
        #expect(refused.status == 429)
        #expect(refused.code == "too_many_attempts")
        #expect(refused["Retry-After"] == "50")
        #expect(refused["RateLimit"] == "\"login\";r=0;t=50")
        #expect(refused["RateLimit-Policy"] == "\"login\";q=3;w=60")
        fixture.clock.advance(by: .seconds(50))
        #expect(try await attempt(client, "ana@example.com", from: "192.0.2.9").code == "invalid_credentials")
    }

    @Test("a network has so many attempts, whichever accounts it tries; others go on")
    func perPrefix() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes(["RATE_LIMIT": "3/1m"]))
        for number in 1...3 {
            let answer = try await attempt(client, "u\(number)@example.com", from: "2001:db8::\(number)")
            #expect(answer.code == "invalid_credentials")
        }
        #expect(try await attempt(client, "u4@example.com", from: "2001:db8::4").status == 429)
        #expect(try await attempt(client, "u4@example.com", from: "2001:db8:0:1::4").status == 401)
    }

    @Test("the IPv6 networks of one site have together what thirty-two have")
    func perSite() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes(["RATE_LIMIT": "1/1m"]))
        for number in 1...40 {
            let network = String(number, radix: 16)
            let answer = try await attempt(client, "s\(number)@example.com", from: "2001:db8:1:\(network)::1")
            #expect(answer.status == (number <= 32 ? 401 : 429))
        }
        #expect(try await attempt(client, "s41@example.com", from: "2001:db8:2:1::1").status == 401)
    }

    @Test("a network that has reached its limit uses up nobody's attempts")
    func prefixFirst() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(
            try fixture.routes(["RATE_LIMIT": "2/1m", "RATE_LIMIT_ADDRESS": "1/1m"]))
        for _ in 1...5 { _ = try await attempt(client, "ana@example.com", from: "192.0.2.1") }
        #expect(try await attempt(client, "ana@example.com", from: "192.0.2.2").status == 401)
    }

    @Test("each route counts by itself")
    func routes() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes(["RATE_LIMIT": "1/1m"]))
        _ = try await attempt(client, "ana@example.com", from: "192.0.2.1")
        let register = await client.post(
            "/register", ["email": "ana@example.com", "password": "correct horse"])
        #expect(register.status == 201)
        let request = await client.post("/request/verify", ["email": "ana@example.com"])
        #expect(request.status == 202)
    }

    @Test("limits can be off; guessing at one account is still slowed down")
    func off() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes(["RATE_LIMIT": "off"]))
        for number in 1...10 {
            let answer = try await attempt(client, "u\(number)@example.com", from: "192.0.2.1")
            #expect(answer.code == "invalid_credentials")
        }
        for _ in 1...5 {
            let answer = try await attempt(client, "ana@example.com", from: "192.0.2.1")
            #expect(answer.code == "invalid_credentials")
        }
        let refused = try await attempt(client, "ana@example.com", from: "192.0.2.1")
        #expect(refused.code == "too_many_attempts")
        #expect(refused["Retry-After"] == "1")
    }
}
