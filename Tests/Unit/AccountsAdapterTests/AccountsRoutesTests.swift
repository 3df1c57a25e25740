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

@Suite("The REST routes of Accounts")
struct AccountsRoutesTests {
    private static let credentials: JSONValue = ["email": "ana@example.com", "password": "correct horse"]
    private static let body = [("X-Token-Delivery", "body")]

    @Test("a person registers, verifies, signs in, reads the account and signs out")
    func walk() async throws {
        let fixture = try AccountsFixture()
        let (client, token) = try await registered(fixture)
        let verified = await client.post("/verify", ["token": .string(token)])
        #expect(verified.status == 200)
        #expect(try verified.json()["is_verified"]?.flag == true)

        let signedIn = await client.post("/login", Self.credentials, Self.body)
        #expect(signedIn.status == 200)
        #expect(signedIn.cookies.isEmpty)
        let tokens = try signedIn.json()
        #expect(tokens["token_type"]?.text == "Bearer")
        #expect(tokens["expires_in"]?.integer == 900)
        #expect(tokens["refresh_token"]?.text?.isEmpty == false)
        let bearer = [("Authorization", "Bearer \(try #require(tokens["access_token"]?.text))")]

        let me = await client.get("/me", bearer)
        #expect(me.status == 200)
        #expect(try me.json() == tokens["user"])
        #expect(try me.json()["email"]?.text == "ana@example.com")

        #expect(await client.post("/logout", .null, bearer).status == 204)
        let after = await client.get("/me", bearer)
        #expect(after.status == 401)
        #expect(after["WWW-Authenticate"]?.contains("invalid_token") == true)
    }

    @Test("a browser gets cookies that scripts cannot read, and no refresh token in the body")
    func cookies() async throws {
        let fixture = try AccountsFixture()
        let client = try await verified(fixture)
        let signedIn = await client.post("/login", Self.credentials)
        #expect(signedIn.cookies.count == 4)
        #expect(signedIn.cookies.allSatisfy { $0.contains("HttpOnly") && $0.contains("SameSite=Lax") })
        #expect(signedIn.cookies[0].hasPrefix("gapura_session="))
        #expect(signedIn.cookies[0].contains("Path=/;"))
        #expect(signedIn.cookies[1].hasPrefix("refresh_token="))
        #expect(signedIn.cookies[1].contains("Path=/refresh-token;"))
        #expect(signedIn.cookies[2].hasPrefix("gapura_hint=1; Path=/;"))
        #expect(signedIn.cookies[3].hasPrefix("gapura_device="))
        #expect(try signedIn.json()["refresh_token"] == nil)

        let cookie = ("Cookie", String(try #require(signedIn.cookies[0].split(separator: ";").first)))
        #expect(await client.get("/me", [cookie]).status == 200)
        let foreign = await client.post("/logout", .null, [cookie, ("Origin", "https://evil.example")])
        #expect(foreign.code == "origin_not_allowed")
        let crossSite = await client.post("/logout", .null, [cookie, ("Sec-Fetch-Site", "cross-site")])
        #expect(crossSite.code == "origin_not_allowed")
        let own = await client.post("/logout", .null, [cookie, ("Origin", AccountsFixture.appURL)])
        #expect(own.status == 204)
        #expect(own.cookies.count == 3)
        #expect(own.cookies.allSatisfy { $0.contains("Max-Age=0") })
    }

    @Test("a bearer token that is not good is not replaced by a good cookie")
    func bearerCountsFirst() async throws {
        let fixture = try AccountsFixture()
        let client = try await verified(fixture)
        let signedIn = await client.post("/login", Self.credentials)
        let cookie = ("Cookie", String(try #require(signedIn.cookies[0].split(separator: ";").first)))
        #expect(await client.get("/me", [cookie, ("Authorization", "Bearer nonsense")]).status == 401)
        #expect(await client.get("/me", [cookie, ("Authorization", "Negotiate YTpi")]).status == 401)
    }

    @Test("a wrong password and an unknown address get the same answer")
    func sameAnswer() async throws {
        let fixture = try AccountsFixture()
        let client = try await verified(fixture)
        let wrong = await client.post("/login", ["email": "ana@example.com", "password": "wrong horse"])
        let unknown = await client.post("/login", ["email": "nobody@example.com", "password": "wrong horse"])
        #expect(wrong.status == 401)
        #expect(wrong.code == "invalid_credentials")
        #expect(wrong.body == unknown.body)
        #expect(wrong.headers.map(\.value) == unknown.headers.map(\.value))
    }

    @Test("an account that is not verified is told so after the right password only")
    func notVerified() async throws {
        let fixture = try AccountsFixture()
        let (client, _) = try await registered(fixture)
        #expect(await client.post("/login", Self.credentials).code == "email_not_verified")
        let wrong = await client.post("/login", ["email": "ana@example.com", "password": "wrong horse"])
        #expect(wrong.code == "invalid_credentials")
    }

    @Test("registering tells every bad field at once, and a taken address")
    func refusedRegistration() async throws {
        let fixture = try AccountsFixture()
        let (client, _) = try await registered(fixture)
        let bad = await client.post("/register", ["email": "nonsense", "password": "short", "username": ""])
        #expect(bad.status == 422)
        #expect(try bad.json()["errors"].map { Set($0.keys) } == ["email", "password", "username"])
        let taken = await client.post("/register", ["email": "ANA@example.com", "password": "correct horse"])
        #expect(taken.status == 409)
        #expect(taken.code == "email_taken")
    }

    @Test("a password is the same in every Unicode form")
    func normalization() async throws {
        let fixture = try AccountsFixture()
        let (client, token) = try await registered(fixture, password: "caf\u{00E9} caf\u{00E9}")
        #expect(await client.post("/verify", ["token": .string(token)]).status == 200)
        let decomposed: JSONValue = ["email": "ana@example.com", "password": "cafe\u{0301} cafe\u{0301}"]
        #expect(await client.post("/login", decomposed).status == 200)
    }

    @Test("the page behind the mailed link changes nothing; its button does")
    func verifyPage() async throws {
        let fixture = try AccountsFixture()
        let (client, token) = try await registered(fixture)
        var page = Response(status: 0)
        for _ in 1...2 {
            page = await client.get("/verify?token=\(token)", [("Accept", "text/html")])
            #expect(page.status == 200)
            #expect(page["Content-Type"] == "text/html; charset=utf-8")
            #expect(page.html.contains("value=\"\(token)\""))
        }
        let head = await client.router.respond(
            to: Request(method: .head, path: "/verify", query: "token=\(token)"))
        #expect(head.status == 200)
        let forged = await client.postForm("/verify", "token=\(token)&password=another+horse")
        #expect(forged.status == 403 && forged.html.contains("value=\"\(token)\""))
        #expect(fixture.work.store.eventTypes == ["user.created"])
        let done = await client.submit("/verify", "token=\(token)&password=another+horse", on: page)
        #expect(done.status == 303 && done["Location"] == "/sign-in")
        let next = await client.get("/sign-in", [("Accept", "text/html"), ("Cookie", done.cookieHeader)])
        #expect(next.html.contains("ana@example.com is verified"))
        #expect(fixture.work.store.eventTypes == ["user.created", "user.verified"])
    }

    @Test("declining by the page deletes the account")
    func decline() async throws {
        let fixture = try AccountsFixture()
        let (client, token) = try await registered(fixture)
        let page = await client.get("/verify?token=\(token)", [("Accept", "text/html")])
        let done = await client.submit("/verify/decline", "token=\(token)", on: page)
        #expect(done.status == 303 && done["Location"] == "/done")
        let said = await client.get("/done", [("Accept", "text/html"), ("Cookie", done.cookieHeader)])
        #expect(said.status == 200 && said.html.contains("The account for ana@example.com is deleted"))
        #expect(await client.get("/done", [("Accept", "text/html")]).status == 303)
        #expect(fixture.work.store.accounts.count == 0)
        #expect(await client.post("/verify", ["token": .string(token)]).code == "invalid_token")
    }

    @Test("a link that is too old or not good has its own code, as JSON and as a page")
    func badLinks() async throws {
        let fixture = try AccountsFixture()
        let (client, token) = try await registered(fixture)
        #expect(await client.get("/verify?token=nonsense").code == "invalid_token")
        fixture.clock.advance(by: .seconds(86_400))
        #expect(await client.get("/verify?token=\(token)").code == "token_expired")
        let page = await client.get("/verify?token=\(token)", [("Accept", "text/html")])
        #expect(page.status == 400)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
    }

    @Test("asking for the mail again tells nothing about the address")
    func requestVerify() async throws {
        let fixture = try AccountsFixture()
        let (client, _) = try await registered(fixture)
        fixture.clock.advance(by: .seconds(60))
        let known = await client.post("/request/verify", ["email": "ana@example.com"])
        let unknown = await client.post("/request/verify", ["email": "nobody@example.com"])
        #expect(known.status == 202)
        #expect(unknown.status == 202)
        #expect(known.body == unknown.body)
        #expect(fixture.work.store.eventTypes == ["user.created", "user.verification_requested"])
    }

    @Test("a person becomes the administrator by the link, whose page keeps the token")
    func administrator() async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes())
        let link = try #require(try await fixture.useCases().administrators.inviteFirst())
        let token = String(try #require(link.split(separator: "=").last))
        let page = await client.get("/administrator/accept?token=\(token)", [("Accept", "text/html")])
        #expect(page.html.contains("value=\"\(token)\""))
        let missing = await client.post(
            "/administrator/accept", ["token": .string(token), "password": "correct horse"])
        #expect(try missing.json()["errors"]?["email"] == "is missing")
        let accepted = await client.submit(
            "/administrator/accept", "token=\(token)&email=root%40example.com&password=correct+horse", on: page)
        #expect(accepted.status == 303)
        let signedIn = await client.post("/login", ["email": "root@example.com", "password": "correct horse"])
        #expect(try signedIn.json()["user"]?["is_admin"]?.flag == true)
    }
}

extension AccountsRoutesTests {
    /// A client of routes where the address is registered, with the token that was mailed.
    private func registered(
        _ fixture: AccountsFixture, password: String = "correct horse"
    ) async throws -> (client: RESTClient, token: String) {
        let client = RESTClient(try fixture.routes())
        let answer = await client.post(
            "/register", ["email": "ana@example.com", "password": .string(password), "first_name": "Ana"])
        try #require(answer.status == 201)
        let link = try #require(fixture.latestLink(.verify))
        let mail = try #require(try await fixture.useCases().facade.linkMail(for: link.id))
        return (client, String(try #require(mail.link.split(separator: "=").last)))
    }

    private func verified(_ fixture: AccountsFixture) async throws -> RESTClient {
        let (client, token) = try await registered(fixture)
        try #require(await client.post("/verify", ["token": .string(token)]).status == 200)
        return client
    }
}

extension JSONValue {
    var keys: [String] {
        if case .object(let object) = self { object.keys } else { [] }
    }
}
