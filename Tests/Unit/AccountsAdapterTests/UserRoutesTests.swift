import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The REST routes of users")
struct UserRoutesTests {
    @Test("a user is made once for one key, with the address of what was made")
    func creates() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("*:*")
        let body: JSONValue = ["email": "ana@example.com", "username": "ana", "is_verified": true]
        let first = await admin.post("/users", body, [("Idempotency-Key", "k")])
        #expect(first.status == 201)
        let id = try #require(try first.json()["id"]?.text)
        #expect(first["Location"] == "/users/\(id)")
        let again = await admin.post("/users", body, [("Idempotency-Key", "k")])
        #expect(again["Idempotent-Replayed"] == "true" && again["Location"] == first["Location"])
        #expect(try again.json() == (try first.json()))
        #expect(fixture.accounts.work.store.audit.map(\.action) == ["user.created"])
        #expect(await admin.post("/users", body).refusal == "409 email_taken")
        #expect(try await admin.get("/users/\(id)").json() == (try first.json()))
    }

    @Test("every bad field of a new user is told at once, a weak password too")
    func invalid() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:write")
        let bad: JSONValue = [
            "email": 1, "password": [], "username": "", "first_name": true, "locale": "xx", "is_verified": "yes",
        ]
        #expect(
            await admin.post("/users", bad).badFields == [
                "email", "password", "username", "first_name", "locale", "is_verified",
            ])
        let weak: JSONValue = ["email": "ana@example.com", "password": "password"]
        #expect(await admin.post("/users", weak).badFields == ["password"])
        #expect(await admin.post("/users").refusal == "415 unsupported_media_type")
        #expect(await admin.post("/users", []).badFields == ["body"])
        #expect(fixture.accounts.work.store.audit.map(\.action) == [])
    }

    @Test("users are found by text and by state, part by part")
    func search() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:*")
        for name in ["ana", "anabel", "budi"] { _ = try await fixture.user(name) }
        _ = try await fixture.user("boss", isAdministrator: true)
        func emails(_ query: String) async throws -> [String] {
            try await admin.get("/users\(query)").data().compactMap { $0["email"]?.text }
        }
        #expect(try await emails("") == ["boss", "budi", "anabel", "ana"].map { "\($0)@example.com" })
        #expect(try await emails("?search=ana") == ["anabel@example.com", "ana@example.com"])
        #expect(try await emails("?is_admin=true") == ["boss@example.com"])
        #expect(try await emails("?is_blocked=true&is_active=true") == [])
        let first = try await admin.get("/users?limit=3").json()
        let cursor = try #require(first["next_cursor"]?.text)
        let rest = try await admin.get("/users?limit=3&cursor=\(cursor)").json()
        #expect(rest["data"]?.elements?.count == 1 && rest["next_cursor"] == .null)
        #expect(
            await admin.get("/users?is_admin=1&limit=0&is_active=").badFields == ["is_active", "is_admin", "limit"])
    }

    @Test("a user is changed, blocked, unblocked and deleted")
    func life() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:*")
        let id = try await fixture.user("ana")
        #expect(try await admin.patch("/users/\(id)", ["username": "ana"]).json()["username"]?.text == "ana")
        #expect(try await admin.patch("/users/\(id)", ["username": .null]).json()["username"] == .null)
        #expect(try await admin.patch("/users/\(id)", ["is_active": false]).json()["is_active"]?.flag == false)
        let until = (fixture.accounts.clock.now + .seconds(60)).description
        let blocked = await admin.post("/users/\(id)/block", ["reason": "spam", "until": .string(until)])
        #expect(blocked.status == 200)
        #expect(try blocked.json()["is_blocked"]?.flag == true)
        #expect(try blocked.json()["blocked_until"]?.text == until)
        fixture.accounts.clock.advance(by: .seconds(60))
        #expect(try await admin.get("/users/\(id)").json()["is_blocked"]?.flag == false)
        #expect(await admin.post("/users/\(id)/unblock").status == 200)
        let deleted = await admin.delete("/users/\(id)")
        #expect(deleted.status == 204 && deleted.body.isEmpty)
        #expect(await admin.get("/users/\(id)").refusal == "404 not_found")
    }

    @Test("a block needs a reason, and an end that is yet to come")
    func block() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:write")
        let path = "/users/\(try await fixture.user("ana"))/block"
        #expect(await admin.post(path, [:]).badFields == ["reason"])
        let long = JSONValue.string(String(repeating: "x", count: 501))
        #expect(await admin.post(path, ["reason": long, "until": "tomorrow"]).badFields == ["reason", "until"])
        let now = JSONValue.string(fixture.accounts.clock.now.description)
        #expect(await admin.post(path, ["reason": "x", "until": now]).badFields == ["until"])
    }

    @Test("ids that are nobody's, or no ids, are 404 on every route")
    func foreign() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("*:*")
        for id in [fixture.accounts.identifiers.next().description, "nobody", "%20"] {
            let calls: [(HTTP.Method, String, JSONValue?)] = [
                (.get, "", nil), (.patch, "", [:]), (.delete, "", nil), (.post, "/block", ["reason": "x"]),
                (.post, "/unblock", nil),
                (.get, "/sessions", nil), (.delete, "/sessions", nil), (.delete, "/sessions/\(id)", nil),
            ]
            for (method, path, body) in calls {
                #expect(
                    await admin.send(method, "/users/\(id)\(path)", body).refusal == "404 not_found",
                    "\(method) \(id)\(path)")
            }
        }
    }

    @Test("who may do more is not touched, and the last administrator stays")
    func refusals() async throws {
        let fixture = try StaffFixture()
        let boss = try await fixture.user("boss", isAdministrator: true)
        let weak = fixture.signIn("users:*")
        #expect(await weak.delete("/users/\(boss)").refusal == "403 permission_denied")
        #expect(await weak.delete("/users/\(boss)/sessions").refusal == "403 permission_denied")
        let strong = fixture.signIn("*:*")
        #expect(await strong.delete("/users/\(boss)").refusal == "409 last_admin")
        #expect(await strong.patch("/users/\(boss)", ["is_active": false]).refusal == "409 last_admin")
        #expect(await strong.post("/users/\(boss)/block", ["reason": "x"]).refusal == "409 last_admin")
    }

    @Test("a user's sessions are listed and ended, one or all")
    func sessions() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:*")
        let person = try await Person(fixture.accounts)
        let first = try await person.signIn()
        let (id, other) = (first.account.user.id, try await person.signIn().session.id)
        let listed = try await admin.get("/users/\(id)/sessions").data()
        #expect(
            Set(listed.compactMap { $0["id"]?.text }) == [other.description, first.session.id.description])
        #expect(listed[0]["address"]?.text == Person.client.address.description)
        #expect(await admin.delete("/users/\(id)/sessions/\(other)").status == 204)
        #expect(await admin.delete("/users/\(id)/sessions/\(other)").refusal == "404 not_found")
        #expect(await admin.delete("/users/\(id)/sessions").status == 204)
        #expect(try await admin.get("/users/\(id)/sessions").data().isEmpty)
    }

    @Test("who may not is 403 on every route, before the body is looked at; the right to read is none to write")
    func denied() async throws {
        let fixture = try StaffFixture()
        let id = fixture.accounts.identifiers.next()
        let reads: [(HTTP.Method, String)] = [
            (.get, "/users"), (.get, "/users/\(id)"), (.get, "/users/\(id)/sessions"),
        ]
        let writes: [(HTTP.Method, String)] = [
            (.post, "/users"), (.patch, "/users/\(id)"), (.delete, "/users/\(id)"), (.post, "/users/\(id)/block"),
            (.post, "/users/\(id)/unblock"), (.delete, "/users/\(id)/sessions"),
            (.delete, "/users/\(id)/sessions/\(id)"), (.post, "/users/import"),
        ]
        for (method, target) in reads {
            let answer = await fixture.signIn("users:write").send(method, target)
            #expect(answer.refusal == "403 permission_denied", "\(method) \(target)")
        }
        for (method, target) in writes {
            let answer = await fixture.signIn("users:read").send(method, target)
            #expect(answer.refusal == "403 permission_denied", "\(method) \(target)")
        }
        #expect(fixture.accounts.work.store.audit.map(\.action) == [])
    }
}
