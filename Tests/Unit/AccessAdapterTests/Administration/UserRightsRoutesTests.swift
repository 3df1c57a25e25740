import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The REST routes of users' rights")
struct UserRightsRoutesTests {
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

    @Test("ids that are nobody's, or no ids, are 404 on every route; the last administrator stays")
    func refusals() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            for id in [house.identifiers.next().description, "nobody", "%20"] {
                let calls: [(HTTP.Method, String, JSONValue?)] = [
                    (.get, "/roles", nil), (.put, "/roles", ["roles": []]), (.get, "/entitlement", nil),
                    (.put, "/entitlement", ["plan": "pro"]), (.delete, "/entitlement", nil),
                ]
                for (method, path, body) in calls {
                    #expect(
                        await admin.send(method, "/users/\(id)\(path)", body).refusal == "404 not_found",
                        "\(method) \(id)\(path)")
                }
            }
            let boss = try house.user("boss", isAdministrator: true)
            #expect(await admin.put("/users/\(boss)/roles", ["roles": []]).refusal == "409 last_admin")
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
