import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import HTTP
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The REST routes of users")
struct UserRoutesTests {
    @Test("a user is made once for one key, with the address of what was made")
    func creates() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            let body: JSONValue = ["email": "ana@example.com", "username": "ana", "is_verified": true]
            let first = await admin.post("/users", body, [("Idempotency-Key", "k")])
            #expect(first.status == 201)
            let id = try #require(try first.json()["id"]?.text)
            #expect(first["Location"] == "/users/\(id)")
            let again = await admin.post("/users", body, [("Idempotency-Key", "k")])
            #expect(again["Idempotent-Replayed"] == "true" && again["Location"] == first["Location"])
            #expect(try again.json() == (try first.json()))
            #expect(house.users.calls.map(\.name) == ["create"])
            #expect(await admin.post("/users", body).refusal == "409 email_taken")
            #expect(try await admin.get("/users/\(id)").json() == (try first.json()))
        }
    }

    @Test("every bad field of a new user is told at once, a weak password too")
    func invalid() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:write")
            let bad: JSONValue = [
                "email": 1, "password": [], "username": "", "first_name": true, "locale": "xx", "is_verified": "yes",
            ]
            #expect(
                await admin.post("/users", bad).badFields == [
                    "email", "password", "username", "first_name", "locale", "is_verified",
                ])
            house.users.refusePasswords(.common)
            let weak: JSONValue = ["email": "ana@example.com", "password": "password"]
            #expect(await admin.post("/users", weak).badFields == ["password"])
            #expect(await admin.post("/users").refusal == "415 unsupported_media_type")
            #expect(await admin.post("/users", []).badFields == ["body"])
            #expect(house.users.calls.isEmpty)
        }
    }

    @Test("users are found by text and by state, part by part")
    func search() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:*")
            for name in ["ana", "anabel", "budi"] { try house.user(name) }
            let boss = try house.user("boss", isAdministrator: true)
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
            #expect(house.users.user(boss) != nil)
        }
    }

    @Test("a user is changed, blocked, unblocked and deleted")
    func life() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:*")
            let id = try house.user("ana")
            #expect(try await admin.patch("/users/\(id)", ["username": "ana"]).json()["username"]?.text == "ana")
            #expect(try await admin.patch("/users/\(id)", ["username": .null]).json()["username"] == .null)
            #expect(try await admin.patch("/users/\(id)", ["is_active": false]).json()["is_active"]?.flag == false)
            let until = (house.clock.now + .seconds(60)).description
            let blocked = await admin.post("/users/\(id)/block", ["reason": "spam", "until": .string(until)])
            #expect(blocked.status == 200)
            #expect(try blocked.json()["is_blocked"]?.flag == true)
            #expect(try blocked.json()["blocked_until"]?.text == until)
            house.clock.advance(by: .seconds(60))
            #expect(try await admin.get("/users/\(id)").json()["is_blocked"]?.flag == false)
            #expect(await admin.post("/users/\(id)/unblock").status == 200)
            let deleted = await admin.delete("/users/\(id)")
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            #expect(await admin.get("/users/\(id)").refusal == "404 not_found")
        }
    }

    @Test("a block needs a reason, and an end that is yet to come")
    func block() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:write")
            let path = "/users/\(try house.user("ana"))/block"
            #expect(await admin.post(path, [:]).badFields == ["reason"])
            let long = JSONValue.string(String(repeating: "x", count: 501))
            #expect(await admin.post(path, ["reason": long, "until": "tomorrow"]).badFields == ["reason", "until"])
            let now = JSONValue.string(house.clock.now.description)
            #expect(await admin.post(path, ["reason": "x", "until": now]).badFields == ["until"])
        }
    }

    @Test("ids that are nobody's, or no ids, are 404 on every route")
    func foreign() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            for id in [house.identifiers.next().description, "nobody", "%20"] {
                let calls: [(HTTP.Method, String, JSONValue?)] = [
                    (.get, "", nil), (.patch, "", [:]), (.delete, "", nil), (.post, "/block", ["reason": "x"]),
                    (.post, "/unblock", nil), (.get, "/roles", nil), (.put, "/roles", ["roles": []]),
                    (.get, "/sessions", nil), (.delete, "/sessions", nil), (.delete, "/sessions/\(id)", nil),
                    (.get, "/entitlement", nil), (.put, "/entitlement", ["plan": "pro"]),
                    (.delete, "/entitlement", nil),
                ]
                for (method, path, body) in calls {
                    #expect(
                        await admin.send(method, "/users/\(id)\(path)", body).refusal == "404 not_found",
                        "\(method) \(id)\(path)")
                }
            }
        }
    }

    @Test("who may do more is not touched, and the last administrator stays")
    func refusals() async throws {
        try await withAdministrationHouse { house in
            let boss = try house.user("boss", isAdministrator: true)
            let weak = try house.signIn("users:*")
            #expect(await weak.delete("/users/\(boss)").refusal == "403 permission_denied")
            #expect(await weak.delete("/users/\(boss)/sessions").refusal == "403 permission_denied")
            let strong = try house.signIn("*:*")
            #expect(await strong.delete("/users/\(boss)").refusal == "409 last_admin")
            #expect(await strong.patch("/users/\(boss)", ["is_active": false]).refusal == "409 last_admin")
            #expect(await strong.post("/users/\(boss)/block", ["reason": "x"]).refusal == "409 last_admin")
            #expect(await strong.put("/users/\(boss)/roles", ["roles": []]).refusal == "409 last_admin")
        }
    }

    @Test("a user's sessions are listed and ended, one or all")
    func sessions() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:*")
            let id = try house.user("ana")
            let sessions = (1...3).map { _ in
                UserSession(
                    id: house.identifiers.next(), userAgent: "Firefox", address: .loopback, createdAt: house.clock.now,
                    lastUsed: house.clock.now, expiresAt: house.clock.now)
            }
            house.users.set(sessions, of: id)
            let listed = try await admin.get("/users/\(id)/sessions").data()
            #expect(listed.compactMap { $0["id"]?.text } == sessions.map(\.id.description))
            #expect(listed[0]["address"]?.text == "127.0.0.1")
            #expect(await admin.delete("/users/\(id)/sessions/\(sessions[0].id)").status == 204)
            #expect(await admin.delete("/users/\(id)/sessions/\(sessions[0].id)").refusal == "404 not_found")
            #expect(await admin.delete("/users/\(id)/sessions").status == 204)
            #expect(try await admin.get("/users/\(id)/sessions").data().isEmpty)
        }
    }

    @Test("roles are given by name, and what is none is told by its place")
    func roles() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            let id = try house.user("ana")
            let given = await admin.put("/users/\(id)/roles", ["roles": ["admin", "support"]])
            #expect(try given.data().compactMap { $0["name"]?.text } == ["admin", "support"])
            #expect(try await admin.get("/users/\(id)/roles").data() == (try given.data()))
            let wrong = await admin.put("/users/\(id)/roles", ["roles": ["support", 1, "nobody"]])
            #expect(wrong.badFields == ["roles[1]"])
            #expect(await admin.put("/users/\(id)/roles", ["roles": ["nobody"]]).badFields == ["roles[0]"])
            #expect(await admin.put("/users/\(id)/roles", ["roles": "support"]).badFields == ["roles"])
            let weak = try house.signIn("roles:write")
            let refused = await weak.put("/users/\(id)/roles", ["roles": []])
            #expect(refused.refusal == "403 permission_denied")
        }
    }

    @Test("an entitlement is set, seen and removed, with limits and without")
    func entitlements() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("entitlements:*")
            let path = "/users/\(try house.user("ana"))/entitlement"
            let before = try await admin.get(path).json()
            #expect(before["plan"]?.text == "free" && before["version"]?.integer == 0 && before["since"] == .null)
            let set = await admin.put(
                path,
                [
                    "plan": "pro",
                    "limits": [
                        ["amount": 5, "window": "day", "scope": "service"],
                        ["amount": .null, "window": "month", "scope": "global", "enforcement": "soft"],
                    ],
                ])
            #expect(set.status == 200)
            let entitlement = try set.json()
            #expect(entitlement["effective_plan"]?.text == "pro" && entitlement["version"]?.integer == 1)
            let limits = try #require(entitlement["limits"]?.elements)
            #expect(limits[0]["amount"]?.integer == 5 && limits[0]["scope"]?.text == "service")
            #expect(limits[1]["amount"] == .null && limits[1]["enforcement"]?.text == "soft")
            #expect(entitlement["effective_limits"] == entitlement["limits"])
            #expect(try await admin.get(path).json() == entitlement)
            #expect(await admin.delete(path).status == 204)
            let after = try await admin.get(path).json()
            #expect(after["effective_plan"]?.text == "free" && after["version"]?.integer == 2)
        }
    }

    @Test("what is wrong inside a limit is told by the way to it")
    func badEntitlement() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("entitlements:write")
            let path = "/users/\(try house.user("ana"))/entitlement"
            let bad: JSONValue = [
                "plan": 1, "until": "x",
                "limits": [["window": "year", "scope": "global"], 5, ["amount": -1, "window": "day", "scope": "x"]],
            ]
            #expect(
                await admin.put(path, bad).badFields == [
                    "plan", "limits[0].window", "limits[1]", "limits[2].amount", "limits[2].scope", "until",
                ])
            #expect(await admin.put(path, ["plan": "unheard-of"]).badFields == ["plan"])
            #expect(house.work.store.entitlements.isEmpty)
        }
    }
}
