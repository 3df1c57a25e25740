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

@Suite("New tokens for a caller who takes the account back")
struct RenewedTokensTests {
    private static let change: JSONValue = [
        "current_password": .string(Person.password), "new_password": "another horse",
    ]

    private func signIn(
        _ rest: RESTClient, _ person: Person, _ headers: [(String, String)] = []
    ) async -> Response {
        await rest.post(
            "/login", ["email": .string(person.email.text), "password": .string(Person.password)], headers)
    }

    private func pair(_ cookies: [String], _ name: String) -> String? {
        cookies.first { $0.hasPrefix("\(name)=") }.map { String($0.prefix { $0 != ";" }) }
    }

    @Test("an app gets them in the body, with its device's token, and no cookies; the old ones end")
    func app() async throws {
        let fixture = try AccountsFixture()
        let person = try await Person(fixture)
        let rest = RESTClient(try fixture.routes())
        let old = try await signIn(rest, person, [("X-Token-Delivery", "body")]).json()
        let device = try #require(old["device_token"]?.text)
        let bearer = ("Authorization", "Bearer \(try #require(old["access_token"]?.text))")
        let answer = await rest.post("/change-password", Self.change, [bearer, ("X-Gapura-Device", device)])
        #expect(answer.status == 200)
        #expect(answer.cookies.isEmpty)
        let new = try answer.json()
        #expect(await rest.get("/me", [bearer]).status == 401)
        let spent = await rest.post("/refresh-token", ["refresh_token": old["refresh_token"] ?? .null])
        #expect(spent.code == "session_revoked")
        let access = try #require(new["access_token"]?.text)
        #expect(await rest.get("/me", [("Authorization", "Bearer \(access)")]).status == 200)
        let refreshed = await rest.post("/refresh-token", ["refresh_token": new["refresh_token"] ?? .null])
        #expect(refreshed.status == 200)
        // The same device under its old name, known again.
        let renewed = try #require(new["device_token"]?.text)
        #expect(renewed != device)
        #expect(renewed.split(separator: ".").first == device.split(separator: ".").first)
    }

    @Test("a browser gets them in cookies, whatever it asks for")
    func browser() async throws {
        let fixture = try AccountsFixture()
        let person = try await Person(fixture)
        let rest = RESTClient(try fixture.routes())
        let old = await signIn(rest, person).cookies
        let cookie = ("Cookie", try #require(pair(old, "gapura_session")))
        let answer = await rest.post(
            "/change-password", Self.change, [cookie, ("X-Token-Delivery", "body")])
        #expect(answer.status == 200)
        #expect(try answer.json()["refresh_token"] == nil)
        #expect(answer.cookies.count == 4)
        #expect(await rest.get("/me", [cookie]).status == 401)
        let refresh = ("Cookie", try #require(pair(answer.cookies, "refresh_token")))
        #expect(await rest.post("/refresh-token", .null, [refresh]).status == 200)
        let oldRefresh = ("Cookie", try #require(pair(old, "refresh_token")))
        #expect(await rest.post("/refresh-token", .null, [oldRefresh]).code == "session_revoked")
    }

    @Test("the page that confirms another address gives the browser that asked new cookies")
    func addressByPage() async throws {
        let fixture = try AccountsFixture()
        let person = try await Person(fixture)
        let rest = RESTClient(try fixture.routes())
        let old = await signIn(rest, person).cookies
        let cookie = ("Cookie", try #require(pair(old, "gapura_session")))
        let wish: JSONValue = ["email": "new@example.com", "password": .string(Person.password)]
        #expect(await rest.post("/change-email", wish, [cookie]).status == 202)
        let token = JSONValue.string(try person.link(.emailChange))
        let answer = await rest.post("/change-email/confirm", ["token": token], [cookie])
        #expect(answer.status == 200)
        #expect(try answer.json()["email"]?.text == "new@example.com")
        #expect(answer.cookies.count == 4)
        #expect(await rest.get("/me", [cookie]).status == 401)
        let new = ("Cookie", try #require(pair(answer.cookies, "gapura_session")))
        #expect(await rest.get("/me", [new]).status == 200)
    }

    @Test("after ten failures elsewhere an app that keeps its device's token gets in, and others do not")
    func knownApp() async throws {
        let fixture = try AccountsFixture()
        let person = try await Person(fixture)
        let rest = RESTClient(try fixture.routes())
        let app = try await signIn(rest, person, [("X-Token-Delivery", "body")]).json()
        let device = ("X-Gapura-Device", try #require(app["device_token"]?.text))
        for _ in 1...10 {
            let wrong: JSONValue = ["email": .string(person.email.text), "password": "wrong horse"]
            #expect(await rest.post("/login", wrong).status == 401)
            fixture.clock.advance(by: .seconds(31))
        }
        #expect(await signIn(rest, person).code == "too_many_attempts")
        #expect(await signIn(rest, person, [device]).status == 200)
        // A proof of the mailbox lets everybody try again.
        try await person.useCases.resetPassword.request(email: person.email)
        let token = JSONValue.string(try person.link(.reset))
        let reset = await rest.post("/new-password", ["token": token, "password": .string(Person.password)])
        #expect(reset.status == 200)
        #expect(await signIn(rest, person).status == 200)
    }
}
