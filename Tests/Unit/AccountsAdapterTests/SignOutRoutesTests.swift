import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Signing out over REST")
struct SignOutRoutesTests {
    private static let body = [("X-Token-Delivery", "body")]

    private struct SignedInClient {
        let rest: RESTClient
        let access: String
        let refresh: String
        let cookies: [String]

        init(_ person: Person, _ rest: RESTClient, _ headers: [(String, String)]) async throws {
            let credentials: JSONValue = ["email": .string(person.email.text), "password": .string(Person.password)]
            let answer = await rest.post("/login", credentials, headers)
            let json = try answer.json()
            access = try #require(json["access_token"]?.text)
            cookies = answer.cookies.map { String($0.prefix { $0 != ";" }) }
            refresh = json["refresh_token"]?.text ?? ""
            self.rest = rest
        }

        var isOver: Bool {
            get async {
                let token = refresh.isEmpty ? "" : refresh
                return await rest.post("/refresh-token", ["refresh_token": .string(token)]).status == 401
            }
        }
    }

    private func withClient(
        _ headers: [(String, String)] = body, _ check: (AccountsFixture, SignedInClient) async throws -> Void
    ) async throws {
        let fixture = try AccountsFixture()
        let person = try await Person(fixture)
        let rest = RESTClient(try fixture.routes())
        try await check(fixture, try await SignedInClient(person, rest, headers))
    }

    @Test("an access token that has expired still ends its session")
    func expiredBearer() async throws {
        try await withClient { fixture, client in
            fixture.clock.advance(by: .seconds(3_600))
            let bearer = [("Authorization", "Bearer \(client.access)")]
            #expect(await client.rest.get("/me", bearer).status == 401)
            let answer = await client.rest.post("/logout", .null, bearer)
            #expect(answer.status == 204)
            #expect(answer.cookies.count == 3 && answer.cookies.allSatisfy { $0.contains("Max-Age=0") })
            #expect(await client.isOver)
        }
    }

    @Test("a refresh token in the body ends its session, and so does one that is spent", arguments: [false, true])
    func refreshTokenInBody(isSpent: Bool) async throws {
        try await withClient { _, client in
            let body: JSONValue = ["refresh_token": .string(client.refresh)]
            var latest = client.refresh
            if isSpent {
                latest = try #require(try await client.rest.post("/refresh-token", body).json()["refresh_token"]?.text)
            }
            #expect(await client.rest.post("/logout", body).status == 204)
            let again = await client.rest.post("/refresh-token", ["refresh_token": .string(latest)])
            #expect(again.code == "session_revoked")
        }
    }

    @Test("a browser whose access token is gone is sent to the path that sees the refresh cookie, and is signed out")
    func byRefreshCookie() async throws {
        try await withClient([]) { fixture, client in
            fixture.clock.advance(by: .seconds(3_600))
            let first = await client.rest.post("/logout", .null, [("Sec-Fetch-Site", "same-origin")])
            #expect(first.status == 307)
            #expect(first["Location"] == "/refresh-token/logout")
            let refresh = try #require(client.cookies.first { $0.hasPrefix("refresh_token=") })
            let cookie = [("Cookie", refresh), ("Sec-Fetch-Site", "same-origin")]
            let second = await client.rest.post("/refresh-token/logout", .null, cookie)
            #expect(second.status == 204)
            #expect(second.cookies.count == 3 && second.cookies.allSatisfy { $0.contains("Max-Age=0") })
            #expect(await client.rest.post("/refresh-token", .null, cookie).code == "session_revoked")
        }
    }

    @Test("of several session cookies every genuine one is signed out")
    func severalCookies() async throws {
        try await withClient([]) { fixture, client in
            fixture.clock.advance(by: .seconds(3_600))
            let session = try #require(client.cookies.first { $0.hasPrefix("gapura_session=") })
            let tossed = [("Cookie", "gapura_session=tossed; \(session)")]
            #expect(await client.rest.post("/logout", .null, tossed).status == 204)
            let refresh = try #require(client.cookies.first { $0.hasPrefix("refresh_token=") })
            #expect(await client.rest.post("/refresh-token", .null, [("Cookie", refresh)]).code == "session_revoked")
        }
    }

    @Test("without any credential signing out is done at once, and the cookies are cleared")
    func nothing() async throws {
        try await withClient { _, client in
            let forged = [("Authorization", "Bearer \(client.access)x")]
            #expect(await client.rest.post("/logout", .null, forged).status == 307)
            let answer = await client.rest.post("/refresh-token/logout", .null, forged)
            #expect(answer.status == 204)
            #expect(answer.cookies.count == 3)
            #expect(await client.isOver == false)
        }
    }

    @Test("a foreign page signs nobody out", arguments: ["/logout", "/refresh-token/logout"])
    func foreign(_ path: String) async throws {
        try await withClient([]) { _, client in
            let all = client.cookies.joined(separator: "; ")
            for foreign in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
                let answer = await client.rest.post(path, .null, [("Cookie", all), foreign])
                #expect(answer.code == "origin_not_allowed")
                #expect(answer.cookies.isEmpty)
            }
            #expect(await client.rest.post("/refresh-token", .null, [("Cookie", all)]).status == 200)
        }
    }
}
