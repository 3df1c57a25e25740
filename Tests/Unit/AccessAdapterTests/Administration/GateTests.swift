import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Authorization
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Who may use the administration")
struct GateTests {
    @Test("nobody signed in is 401 with a challenge, and a credential that does not count with an error code")
    func unauthenticated() async throws {
        try await withAdministrationHouse { house in
            let nobody = await house.client().get("/roles")
            #expect(nobody.refusal == "401 unauthenticated")
            #expect(nobody["WWW-Authenticate"] == #"Bearer realm="gapura""#)
            let wrong: [(String, String)] = [
                ("Authorization", "Bearer nonsense"), ("Authorization", "Negotiate YTpi"), ("Authorization", ""),
                ("X-Api-Key", "nonsense"), ("X-Api-Key", ""), ("Authorization", "Bearer gpk_nonsense"),
            ]
            for header in wrong {
                let answer = await house.client(header).get("/roles")
                #expect(answer.refusal == "401 unauthenticated", "\(header)")
                #expect(answer["WWW-Authenticate"]?.contains("invalid_token") == true, "\(header)")
            }
            let foreign = await house.client(("Cookie", "gapura_session=nonsense"), ("Origin", "https://evil.example"))
                .delete("/roles/\(house.identifiers.next())")
            #expect(foreign.refusal == "401 unauthenticated")
        }
    }

    @Test("who is signed in and may not is 403, on every route that asks for a permission")
    func denied() async throws {
        try await withAdministrationHouse { house in
            let stranger = try house.signIn()
            let id = house.identifiers.next()
            let targets: [(HTTP.Method, String)] = [
                (.get, "/users/\(id)/roles"), (.put, "/users/\(id)/roles"),
                (.get, "/users/\(id)/entitlement"), (.put, "/users/\(id)/entitlement"),
                (.delete, "/users/\(id)/entitlement"), (.get, "/roles"), (.post, "/roles"), (.get, "/roles/\(id)"),
                (.patch, "/roles/\(id)"), (.delete, "/roles/\(id)"), (.get, "/services"), (.post, "/services"),
                (.get, "/services/a"), (.patch, "/services/a"), (.delete, "/services/a"),
                (.post, "/services/a/activate"), (.post, "/services/a/deactivate"), (.get, "/usage"),
                (.get, "/audit"), (.get, "/access/explain/\(id)"), (.get, "/api-keys?all=true"),
                (.get, "/api-keys?service_account_id=\(id)"), (.get, "/service-accounts"), (.post, "/service-accounts"),
                (.get, "/service-accounts/\(id)"), (.patch, "/service-accounts/\(id)"),
                (.delete, "/service-accounts/\(id)"), (.get, "/service-accounts/\(id)/entitlement"),
                (.put, "/service-accounts/\(id)/entitlement"), (.delete, "/service-accounts/\(id)/entitlement"),
            ]
            for (method, target) in targets {
                // Before the body is looked at: what is wrong with it is told to nobody who may not send it.
                let answer = await stranger.send(method, target)
                #expect(answer.refusal == "403 permission_denied", "\(method) \(target)")
            }
        }
    }

    @Test("the right to read is none to write, and the other way round")
    func readAndWrite() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.user("ana")
            for resource in ["roles", "services", "entitlements"] {
                let (reader, writer) = (try house.signIn("\(resource):read"), try house.signIn("\(resource):write"))
                let path = resource == "entitlements" ? "/users/\(ana)/entitlement" : "/\(resource)"
                #expect(await reader.get(path).status == 200)
                #expect(await writer.get(path).refusal == "403 permission_denied")
                let write: HTTP.Method = resource == "entitlements" ? .put : .post
                #expect(await reader.send(write, path, [:]).refusal == "403 permission_denied")
                #expect(await writer.send(write, path, [:]).refusal == "422 validation_failed")
            }
        }
    }

    @Test("who is blocked or deactivated is 403, by token and by key; whose account is gone is 401")
    func standing() async throws {
        try await withAdministrationHouse { house in
            let blocked = try house.signIn("*:*", isGood: false)
            #expect(await blocked.get("/roles").refusal == "403 account_blocked")
            let key = try house.key("*:*", of: blocked.userID)
            #expect(await house.client(("X-Api-Key", key)).get("/roles").refusal == "403 account_blocked")
            let gone = UserID(house.identifiers.next())
            house.accounts.add(token: "gone", of: gone)
            #expect(
                await house.client(("Authorization", "Bearer gone")).get("/roles").refusal == "401 unauthenticated")
            let orphan = try house.key("*:*", of: gone)
            #expect(await house.client(("X-Api-Key", orphan)).get("/roles").refusal == "401 unauthenticated")
        }
    }

    @Test("a key opens Gapura's own API only if it lists it by name, and a gateway's key never")
    func keysHere() async throws {
        try await withAdministrationHouse { house in
            let owner = try house.signIn("*:*")
            func get(services: [String]) async throws -> Response {
                await house.client(("X-Api-Key", try house.key("*:*", of: owner.userID, services: services)))
                    .get("/roles")
            }
            #expect(try await get(services: ["gapura"]).status == 200)
            for services in [[], ["*"], ["shop"]] {
                #expect(try await get(services: services).refusal == "403 permission_denied")
            }
            let gateway = await house.client(("X-Api-Key", try house.gatewayKey("*"))).get("/roles")
            #expect(gateway.refusal == "403 permission_denied")
        }
    }

    @Test(
        "a service account acts by its key within its roles and the key's scopes, and manages no accounts and no keys")
    func serviceAccounts() async throws {
        try await withAdministrationHouse { house in
            let account: ServiceAccountID = house.identifiers.next()
            let scopes = ["services:read", "roles:read", "service_accounts:*", "api_keys:*"]
            let robot = house.client(
                ("X-Api-Key", try house.robotKey(scopes, of: account, permissions: ["services:*", "api_keys:read"])))
            #expect(await robot.get("/services").status == 200)
            // What its roles do not give, and what its key does not name.
            #expect(await robot.get("/roles").refusal == "403 permission_denied")
            #expect(await robot.delete("/services/a").refusal == "403 permission_denied")
            let own = try await robot.get("/me/permissions").json()
            #expect(own["user_id"] == .null && own["service_account_id"]?.text == account.description)
            #expect(own["caller"]?.text == "service_account" && own["roles"] == ["robots"])
            #expect(own["permissions"] == ["api_keys:read", "services:read"])
            #expect(try await robot.get("/usage/me").json()["plan"]?.text == "free")
            #expect(house.meter.usageQuestions == [.serviceAccount(account)])
            let keys = try await robot.get("/api-keys").data()
            #expect(keys.map { $0["service_account_id"]?.text } == [account.description])

            let all = house.client(("X-Api-Key", try house.robotKey(["*:*"], of: account, permissions: ["*:*"])))
            let writers: [(HTTP.Method, String, JSONValue?)] = [
                (.post, "/service-accounts", ["name": "a"]), (.patch, "/service-accounts/\(account)", ["roles": []]),
                (.delete, "/service-accounts/\(account)", nil), (.post, "/roles", ["name": "a", "permissions": []]),
                (.post, "/api-keys", ["name": "a", "services": ["gapura"]]),
            ]
            for (method, path, body) in writers {
                #expect(await all.send(method, path, body).refusal == "403 permission_denied", "\(path)")
            }
            let off = try house.robotKey(["*:*"], of: account, permissions: ["*:*"], isActive: false)
            #expect(await house.client(("X-Api-Key", off)).get("/services").refusal == "403 account_blocked")
            #expect(await all.get("/services").refusal == "403 account_blocked")
        }
    }

    @Test("the session cookie counts, for changes only from an allowed origin")
    func cookie() async throws {
        try await withAdministrationHouse { house in
            let user = house.identifiers.next(UserID.self)
            house.stand(user, .all)
            house.accounts.add(token: "cookie", of: user)
            let cookie = ("Cookie", "gapura_session=cookie")
            #expect(await house.client(cookie).get("/roles").status == 200)
            let evil = ("Origin", "https://evil.example")
            #expect(await house.client(cookie, evil).get("/roles").status == 200)
            let refused = await house.client(cookie, evil).post("/roles", ["name": "a", "permissions": []])
            #expect(refused.refusal == "403 origin_not_allowed")
            let crossSite = await house.client(cookie, ("Sec-Fetch-Site", "cross-site"))
                .post("/roles", ["name": "a", "permissions": []])
            #expect(crossSite.refusal == "403 origin_not_allowed")
            #expect(house.work.store.events.isEmpty)
            let own = await house.client(cookie, ("Origin", AdministrationHouse.appURL))
                .post("/roles", ["name": "a", "permissions": []])
            #expect(own.status == 201)
        }
    }

    @Test("of several session cookies the genuine one counts, of one person's the newest, and of several people's none")
    func severalCookies() async throws {
        try await withAdministrationHouse { house in
            let (ana, bob) = (house.identifiers.next(UserID.self), house.identifiers.next(UserID.self))
            for user in [ana, bob] { house.stand(user, .all) }
            house.accounts.add(token: "ana", of: ana)
            house.accounts.add(token: "newer", of: ana, session: house.identifiers.next(SessionID.self))
            house.accounts.add(token: "bob", of: bob)
            func session(_ cookies: String) async throws -> Identifier? {
                let request = Request(method: .get, path: "/me", headers: Headers([("Cookie", cookies)]))
                do {
                    guard case .session(let id) = try await house.gate.admit(request, needing: .session).credential
                    else { return nil }
                    return id
                } catch let problem as Problem where problem.kind.code == "unauthenticated" {
                    return nil
                }
            }
            let newer = try #require(try await session("gapura_session=newer"))
            #expect(try await session("gapura_session=tossed; gapura_session=ana") == ana.value)
            #expect(try await session("gapura_session=ana; gapura_session=newer") == newer)
            #expect(try await session("gapura_session=newer; gapura_session=ana") == newer)
            #expect(try await session("gapura_session=ana; gapura_session=bob") == nil)
            // What only this host can have set is its own.
            #expect(try await session("gapura_session=bob; __Host-gapura_session=ana") == ana.value)
            #expect(try await session("gapura_session=ana; __Host-gapura_session=over") == ana.value)
        }
    }

    @Test("the password of a proxy in front, which browsers send by themselves, is no credential of ours")
    func basic() async throws {
        try await withAdministrationHouse { house in
            let user = house.identifiers.next(UserID.self)
            house.stand(user, .all)
            house.accounts.add(token: "good", of: user)
            let basic = ("Authorization", "Basic YTpi")
            let nobody = await house.client(basic).get("/roles")
            #expect(nobody.refusal == "401 unauthenticated")
            #expect(nobody["WWW-Authenticate"] == #"Bearer realm="gapura""#)
            #expect(await house.client(basic, ("Cookie", "gapura_session=good")).get("/roles").status == 200)
        }
    }

    @Test("a credential that is not good is not replaced by another that is")
    func first() async throws {
        try await withAdministrationHouse { house in
            let user = house.identifiers.next(UserID.self)
            house.stand(user, .all)
            house.accounts.add(token: "good", of: user)
            let (key, cookie) = (("X-Api-Key", try house.key("*:*", of: user)), ("Cookie", "gapura_session=good"))
            let wrong = ("Authorization", "Bearer wrong")
            #expect(await house.client(wrong, key, cookie).get("/roles").status == 401)
            #expect(await house.client(("X-Api-Key", "wrong"), cookie).get("/roles").status == 401)
            #expect(await house.client(key, cookie).get("/roles").status == 200)
        }
    }

    @Test("a key acts within its scopes and its owner's rights, by either header")
    func keys() async throws {
        try await withAdministrationHouse { house in
            let owner = house.identifiers.next(UserID.self)
            house.stand(owner, try PermissionSet(texts: ["roles:read", "usage:read"], field: ""))
            let key = try house.key("roles:read", "services:read", of: owner)
            for header in [("X-Api-Key", key), ("Authorization", "Bearer \(key)"), ("Authorization", "bearer \(key)")] {
                let program = house.client(header)
                #expect(await program.get("/roles").status == 200)
                #expect(await program.get("/usage").refusal == "403 permission_denied")
                #expect(await program.get("/services").refusal == "403 permission_denied")
            }
        }
    }

    @Test("a key manages neither roles nor keys, whatever its scopes are, and manages services")
    func keysManage() async throws {
        try await withAdministrationHouse { house in
            let owner = house.identifiers.next(UserID.self)
            house.stand(owner, .all)
            let program = house.client(("X-Api-Key", try house.key("*:*", of: owner)))
            let ana = try house.user("ana")
            let calls: [(HTTP.Method, String, JSONValue?)] = [
                (.put, "/users/\(ana)/roles", ["roles": []]),
                (.post, "/roles", ["name": "a", "permissions": []]),
                (.post, "/api-keys", ["name": "a", "services": ["gapura"], "scopes": ["users:read"]]),
                (.patch, "/api-keys/\(house.identifiers.next())", ["name": "a"]),
            ]
            for (method, path, body) in calls {
                #expect(await program.send(method, path, body).refusal == "403 permission_denied", "\(path)")
            }
            #expect(house.users.calls.isEmpty)
            let service: JSONValue = [
                "slug": "a", "name": "A", "audience": "a", "upstream": "http://127.0.0.1:1",
            ]
            #expect(await program.post("/services", service).status == 201)
            let line = house.work.store.auditTrail.last?.entry
            #expect(line?.actor.hasPrefix("api_key:") == true)
            #expect(line?.personal == [:])
        }
    }

    @Test(
        "where a session is needed, neither a key counts nor what the account may do; a cookie from elsewhere does not")
    func sessions() async throws {
        try await withAdministrationHouse { house in
            let user = house.identifiers.next(UserID.self)
            // Nobody knows how she stands: nothing but her session is looked at.
            house.accounts.add(token: "hers", of: user)
            let key = try house.key("*:*", of: user)
            func admitted(_ headers: (String, String)...) async throws -> Principal {
                try await house.gate.admit(
                    Request(method: .post, path: "/logout", headers: Headers(headers)), needing: .session)
            }
            let principal = try await admitted(("Authorization", "Bearer hers"))
            #expect(principal.credential == .session(user.value) && principal.userID == user.value)
            #expect(principal.permissions.isEmpty)
            #expect(try await admitted(("Cookie", "gapura_session=hers"), ("X-Api-Key", key)) == principal)
            for headers in [("Authorization", "Bearer \(key)"), ("X-Api-Key", key), ("Authorization", "Basic YTpi")] {
                let refusal = await #expect(throws: Problem.self) { try await admitted(headers) }
                #expect(refusal?.kind == .unauthenticated, "\(headers)")
            }
            let foreign = await #expect(throws: Problem.self) {
                try await admitted(("Cookie", "gapura_session=hers"), ("Origin", "https://evil.example"))
            }
            #expect(foreign?.kind == .originNotAllowed)
        }
    }

    @Test("what no key may do is not among the permissions of one, and named beside a wildcard over everything")
    func permissionsOfKeys() async throws {
        try await withAdministrationHouse { house in
            let owner = try house.signIn("*:*")
            func told(_ scopes: String...) async throws -> JSONValue {
                let key = try house.key(scopes, of: owner.userID)
                return try await house.client(("X-Api-Key", key)).get("/me/permissions").json()
            }
            let few = try await told("api_keys:*", "roles:write", "documents:*")
            #expect(few["permissions"] == ["api_keys:read", "documents:*"] && few["except"] == [])
            let all = try await told("*:*")
            #expect(all["permissions"] == ["*:*"])
            let except = all["except"]?.elements?.compactMap(\.text) ?? []
            #expect(except.contains("api_keys:write") && except.contains("roles:write"))
            #expect(!except.contains("roles:read"))
            let person = try await owner.get("/me/permissions").json()
            #expect(person["permissions"] == ["*:*"] && person["except"] == [])
        }
    }

    @Test("a key without the scope is told so; one whose owner lacks the permission is told that")
    func missingScope() async throws {
        try await withAdministrationHouse { house in
            let owner = try house.signIn("roles:read")
            func refusal(_ scopes: String..., at target: String) async throws -> Response {
                await house.client(("X-Api-Key", try house.key(scopes, of: owner.userID))).get(target)
            }
            let scope = try await refusal("services:read", at: "/roles")
            #expect(scope.refusal == "403 permission_denied")
            #expect(try scope.json()["detail"]?.text?.contains("roles:read, which is not among the scopes") == true)
            let permission = try await refusal("services:read", at: "/services")
            #expect(permission.refusal == "403 permission_denied")
            #expect(try permission.json()["detail"]?.text == "This needs the permission services:read")
        }
    }

    @Test("the permissions that a caller has are told, of a key what it may do for its owner")
    func ownPermissions() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn("documents:*", "users:read")
            let own = try await ana.get("/me/permissions").json()
            #expect(own["permissions"]?.elements?.compactMap(\.text) == ["documents:*", "users:read"])
            #expect(own["roles"]?.elements?.compactMap(\.text) == ["tester"])
            #expect(own["plan"]?.text == "free" && own["caller"]?.text == "user")
            let key = try house.key("documents:read", "shop:read", of: ana.userID)
            let program = try await house.client(("X-Api-Key", key)).get("/me/permissions").json()
            #expect(program["permissions"]?.elements?.compactMap(\.text) == ["documents:read"])
            #expect(program["caller"]?.text == "key")
            #expect(program["except"] == [] && own["except"] == [])
        }
    }
}
