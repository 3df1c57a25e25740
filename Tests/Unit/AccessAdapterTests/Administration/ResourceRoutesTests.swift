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

@Suite("The REST routes of roles, services and keys")
struct ResourceRoutesTests {
    @Test("a role is made, seen, changed and deleted")
    func roles() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            let body: JSONValue = ["name": "editor", "permissions": ["documents:write", "documents:read"]]
            let made = await admin.post("/roles", body, [("Idempotency-Key", "k")])
            #expect(made.status == 201)
            let id = try #require(try made.json()["id"]?.text)
            #expect(made["Location"] == "/roles/\(id)")
            #expect(try made.json()["permissions"] == ["documents:read", "documents:write"])
            #expect(await admin.post("/roles", body, [("Idempotency-Key", "k")]).status == 201)
            #expect(await admin.post("/roles", body).refusal == "409 role_name_taken")
            #expect(try await admin.get("/roles/\(id)").json() == (try made.json()))
            let changed = await admin.patch("/roles/\(id)", ["permissions": ["documents:*"]])
            #expect(try changed.json()["permissions"] == ["documents:*"])
            #expect(try changed.json()["name"]?.text == "editor")
            #expect(
                try await admin.get("/roles").data().compactMap { $0["name"]?.text } == ["admin", "editor", "support"])
            #expect(await admin.delete("/roles/\(id)").status == 204)
            #expect(await admin.delete("/roles/\(id)").refusal == "404 not_found")
        }
    }

    @Test("a service account is made once, seen, switched off, given a plan and a key, and deleted")
    func serviceAccounts() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            let body: JSONValue = ["name": "Night job", "roles": ["support"]]
            let made = await admin.post("/service-accounts", body, [("Idempotency-Key", "k")])
            #expect(made.status == 201)
            let account = try made.json()
            let id = try #require(account["id"]?.text)
            #expect(made["Location"] == "/service-accounts/\(id)")
            #expect(account["roles"] == ["support"] && account["is_active"]?.flag == true)
            #expect(account["tenant_id"] == .null)
            #expect(try await admin.post("/service-accounts", body, [("Idempotency-Key", "k")]).json() == account)
            #expect(try await admin.get("/service-accounts/\(id)").json() == account)
            let other = try await admin.post("/service-accounts", ["name": "Night job"]).json()
            #expect(other["roles"] == [])
            #expect(try await admin.get("/service-accounts").data() == [other, account])
            let part = try await admin.get("/service-accounts?limit=1").json()
            let cursor = try #require(part["next_cursor"]?.text)
            #expect(try await admin.get("/service-accounts?limit=1&cursor=\(cursor)").data() == [account])

            let changed = try await admin.patch("/service-accounts/\(id)", ["is_active": false]).json()
            #expect(changed["is_active"]?.flag == false && changed["roles"] == ["support"])
            let path = "/service-accounts/\(id)/entitlement"
            let plan = try await admin.put(path, ["plan": "pro"]).json()
            #expect(plan["service_account_id"]?.text == id && plan["user_id"] == .null)
            #expect(plan["effective_plan"]?.text == "pro")
            #expect(await admin.delete(path).status == 204)
            #expect(try await admin.get(path).json()["effective_plan"]?.text == "free")
            let wanted: JSONValue = ["name": "k", "services": ["*"], "service_account_id": .string(id)]
            let key = try await admin.post("/api-keys", wanted).json()
            #expect(key["kind"]?.text == "service_account" && key["service_account_id"]?.text == id)
            #expect(key["user_id"] == .null && key["key"]?.text != nil)
            let listed = try await admin.get("/api-keys?service_account_id=\(id)").data()
            #expect(listed.map { $0["id"] } == [key["id"]])

            #expect(await admin.delete("/service-accounts/\(id)").status == 204)
            let keyID = try #require(key["id"]?.text)
            #expect(try await admin.get("/api-keys/\(keyID)").json()["state"]?.text == "revoked")
            for path in ["/service-accounts/\(id)", path] {
                #expect(await admin.get(path).refusal == "404 not_found")
            }
            #expect(await admin.delete("/service-accounts/\(id)").refusal == "404 not_found")
            #expect(await admin.put(path, ["plan": "pro"]).refusal == "404 not_found")
            #expect(await admin.post("/api-keys", wanted).badFields == ["service_account_id"])
            #expect(await admin.post("/service-accounts", ["name": "", "roles": ["x"]]).badFields == ["name"])
            #expect(await admin.post("/service-accounts", ["name": "a", "roles": ["x"]]).badFields == ["roles[0]"])
        }
    }

    @Test("a role is refused for its name, its permissions, its holders and for being built in")
    func roleRefusals() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("*:*")
            #expect(
                await admin.post("/roles", ["name": "Editor", "permissions": ["x", "a:b"]]).badFields
                    == ["name", "permissions[0]"])
            #expect(await admin.post("/roles", ["permissions": "a:b"]).badFields == ["name", "permissions"])
            #expect(await admin.post("/roles", ["name": "owner", "permissions": []]).badFields == ["name"])
            let support = try #require(BuiltInRole.support.platformID)
            #expect(await admin.patch("/roles/\(support)", ["name": "x"]).refusal == "409 built_in_role")
            #expect(await admin.delete("/roles/\(support)").refusal == "409 built_in_role")
            let made = await admin.post("/roles", ["name": "editor", "permissions": ["documents:read"]])
            let id = try #require(try made.json()["id"]?.text)
            _ = await admin.put("/users/\(try house.user("ana"))/roles", ["roles": ["editor"]])
            #expect(await admin.delete("/roles/\(id)").refusal == "409 role_in_use")
            let weak = try house.signIn("roles:write")
            #expect(await weak.patch("/roles/\(id)", ["permissions": []]).refusal == "403 permission_denied")
            #expect(
                await weak.post("/roles", ["name": "x", "permissions": ["*:*"]]).refusal == "403 permission_denied")
            #expect(await admin.get("/roles/nonsense").refusal == "404 not_found")
        }
    }

    private static let service: JSONValue = [
        "slug": "cvmaker", "name": "CV maker", "audience": "cvmaker", "upstream": "http://127.0.0.1:9000",
        "required_permission": "cvmaker:use",
        "routes": [["method": "GET", "path": "/caf%C3%A9/", "permission": .null, "cost": 0], ["path": "/"]],
        "plans": ["pro"],
    ]

    @Test("a service is registered, seen, changed, closed, opened and removed")
    func services() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("services:*", "cvmaker:use")
            let made = await admin.post("/services", Self.service)
            #expect(made.status == 201 && made["Location"] == "/services/cvmaker")
            let service = try made.json()
            #expect(service["routes"]?.elements?.first?["path"]?.text == "/caf%C3%A9")
            #expect(service["routes"]?.elements?.last?["path"]?.text == "/")
            #expect(service["routes"]?.elements?.last?["cost"]?.integer == 1)
            #expect(service["allow_anonymous"]?.flag == false && service["is_active"]?.flag == true)
            #expect(await admin.post("/services", Self.service).refusal == "409 slug_taken")
            let evil: JSONValue = [
                "slug": "evil", "name": "Evil", "audience": "cvmaker", "upstream": "http://127.0.0.1:9000",
            ]
            #expect(await admin.post("/services", evil).refusal == "409 audience_taken")
            #expect(try await admin.get("/services/cvmaker").json() == service)
            // What is read can be written back.
            let fixed: Set<String> = ["id", "slug", "is_active", "created_at", "updated_at"]
            guard case .object(var given) = service else { throw InternalFailure("no object") }
            for name in fixed { given[name] = nil }
            let same = await admin.patch("/services/cvmaker", .object(given))
            #expect(try same.json() == service, "\(same.badFields)")
            #expect(house.work.store.eventTypes == ["service.changed"])
            let open = await admin.patch("/services/cvmaker", ["required_permission": .null, "wants_email": true])
            #expect(try open.json()["required_permission"] == .null)
            #expect(try open.json()["wants_email"]?.flag == true)
            #expect(try open.json()["routes"] == service["routes"])
            #expect(try await admin.post("/services/cvmaker/deactivate").json()["is_active"]?.flag == false)
            #expect(try await admin.post("/services/cvmaker/activate").json()["is_active"]?.flag == true)
            #expect(try await admin.get("/services").data().count == 1)
            #expect(await admin.delete("/services/cvmaker").status == 204)
            #expect(await admin.get("/services/cvmaker").refusal == "404 not_found")
        }
    }

    @Test("every bad field of a service is told by the way to it")
    func serviceRefusals() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("services:*")
            let types: JSONValue = [
                "slug": 1, "name": [], "audience": .null, "upstream": true, "routes": [1, ["cost": "x"]],
                "allow_anonymous": 1, "plans": [[]],
            ]
            #expect(
                await admin.post("/services", types).badFields == [
                    "slug", "name", "audience", "upstream", "routes[0]", "routes[1].path", "routes[1].cost",
                    "allow_anonymous", "plans[0]",
                ])
            let rules: JSONValue = [
                "slug": "CV", "name": "x", "audience": "a b", "upstream": "file:///", "required_permission": "x",
                "routes": [["path": "/../x"]],
            ]
            #expect(
                await admin.post("/services", rules).badFields == [
                    "slug", "audience", "upstream", "required_permission", "routes[0].path",
                ])
            _ = await admin.post(
                "/services",
                ["slug": "shop", "name": "Shop", "audience": "shop", "upstream": "http://127.0.0.1:9000"])
            #expect(
                await admin.patch("/services/shop", ["name": "\u{200B}", "audience": "a b"]).badFields
                    == ["name", "audience"])
            for path in ["/services/CV", "/services/nobody"] {
                #expect(await admin.patch(path, [:]).refusal == "404 not_found")
                #expect(await admin.delete(path).refusal == "404 not_found")
                #expect(await admin.post("\(path)/activate").refusal == "404 not_found")
            }
        }
    }

    @Test("a key's text is shown once, also when the request is sent again")
    func keys() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn("documents:*")
            let body: JSONValue = ["name": "backup", "services": ["*"], "scopes": ["documents:read"]]
            let made = await ana.post("/api-keys", body, [("Idempotency-Key", "k")])
            #expect(made.status == 201)
            let text = try #require(try made.json()["key"]?.text)
            #expect(text.hasPrefix("gpk_") && APIKeyText(text) != nil)
            let id = try #require(try made.json()["id"]?.text)
            #expect(made["Location"] == "/api-keys/\(id)")
            let again = await ana.post("/api-keys", body, [("Idempotency-Key", "k")])
            #expect(again.status == 201 && again["Idempotent-Replayed"] == "true")
            #expect(try again.json()["id"]?.text == id)
            #expect(try again.json()["key"] == nil)
            let seen = await ana.get("/api-keys/\(id)")
            #expect(try seen.json()["state"]?.text == "open")
            #expect(try seen.json()["kind"]?.text == "personal" && seen.json()["services"] == ["*"])
            let changed = await ana.patch("/api-keys/\(id)", ["name": "other", "services": ["gapura"]])
            #expect(try changed.json()["name"]?.text == "other" && changed.json()["services"] == ["gapura"])
            #expect(await ana.patch("/api-keys/\(id)", ["services": []]).badFields == ["services"])
            #expect(await ana.patch("/api-keys/\(id)", ["services": ["nobody"]]).badFields == ["services[0]"])
            for answer in [again, seen, await ana.get("/api-keys")] {
                #expect(!String(decoding: answer.body, as: UTF8.self).contains(text.suffix(38)))
            }
            let rotated = await ana.post("/api-keys/\(id)/rotate", ["overlap": 60])
            let next = try #require(try rotated.json()["key"]?.text)
            #expect(rotated.status == 200 && next.prefix(15) == text.prefix(15) && next != text)
            #expect(try rotated.json()["previous_until"] != .null)
            #expect(await ana.post("/api-keys/\(id)/rotate", ["overlap": 2_592_001]).badFields == ["overlap"])
            #expect(await ana.delete("/api-keys/\(id)").status == 204)
            #expect(await ana.delete("/api-keys/\(id)").status == 204)
            #expect(await ana.post("/api-keys/\(id)/rotate", [:]).refusal == "409 api_key_ended")
            #expect(try await ana.get("/api-keys/\(id)").json()["state"]?.text == "revoked")
            #expect(await ana.patch("/api-keys/\(id)", ["name": "x"]).refusal == "409 api_key_ended")
        }
    }

    @Test("a key is refused for its scopes, its owner and its fields, and is not there for strangers")
    func keyRefusals() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn("documents:read")
            let body: JSONValue = ["name": "k", "services": ["*"], "scopes": ["documents:write"]]
            #expect(await ana.post("/api-keys", body).refusal == "403 permission_denied")
            let wrong: JSONValue = ["name": "", "services": [], "expires_at": "x", "user_id": 1]
            #expect(await ana.post("/api-keys", wrong).badFields == ["services", "expires_at", "user_id"])
            #expect(await ana.post("/api-keys", ["name": "", "scopes": ["x"]]).badFields == ["name", "scopes[0]"])
            let manager = try house.signIn("*:*")
            let nobody = JSONValue.string(house.identifiers.next().description)
            let foreign: JSONValue = ["name": "k", "services": ["*"], "scopes": ["a:b"], "user_id": nobody]
            #expect(await manager.post("/api-keys", foreign).badFields == ["user_id"])
            let made = await manager.post("/api-keys", ["name": "k", "services": ["*"], "scopes": ["a:b"]])
            let id = try #require(try made.json()["id"]?.text)
            #expect(await ana.get("/api-keys/\(id)").refusal == "404 not_found")
            #expect(await ana.delete("/api-keys/\(id)").refusal == "404 not_found")
            #expect(await ana.patch("/api-keys/\(id)", ["name": "x"]).refusal == "404 not_found")
            let unseen: JSONValue = ["name": "\u{2066}k", "services": ["Shop"]]
            #expect(await manager.patch("/api-keys/\(id)", unseen).badFields == ["name", "services[0]"])
            #expect(try await ana.get("/api-keys").data().isEmpty)
            #expect(await ana.get("/api-keys?user_id=\(manager.userID)").refusal == "403 permission_denied")
            #expect(try await manager.get("/api-keys?all=true").data().count == 1)
            #expect(try await manager.get("/api-keys?user_id=\(ana.userID)").data().isEmpty)
        }
    }
}
