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

@Suite("The REST routes of permissions, usage, the audit log and explanations")
struct ReportRoutesTests {
    @Test("everybody asks about himself, about others by right; nobody unknown may anything")
    func permissions() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn("documents:*")
            func check(_ client: Client, _ user: UserID, _ permission: String) async -> Response {
                await client.post(
                    "/permissions/check",
                    ["user_id": .string(user.description), "permission": .string(permission)])
            }
            #expect(try await check(ana, ana.userID, "documents:read").json()["allowed"]?.flag == true)
            #expect(try await check(ana, ana.userID, "shop:read").json()["allowed"]?.flag == false)
            let budi = try house.signIn()
            #expect(await check(budi, ana.userID, "documents:read").refusal == "403 permission_denied")
            let support = try house.signIn("roles:read")
            #expect(try await check(support, ana.userID, "documents:read").json()["allowed"]?.flag == true)
            let nobody = house.identifiers.next(UserID.self)
            #expect(try await check(support, nobody, "documents:read").json()["allowed"]?.flag == false)
            let bad = await support.post("/permissions/check", ["user_id": "x", "permission": "x"])
            #expect(bad.badFields == ["user_id", "permission"])
        }
    }

    @Test("everybody sees his own usage, a program its owner's")
    func ownUsage() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn()
            let day = WindowUnit.day.window(at: house.clock.now)
            house.meter.plan(usage: [MeteredUse(service: nil, unit: .day, window: day, used: 8, reserved: 2)])
            let usage = try await ana.get("/usage/me").json()
            #expect(usage["plan"]?.text == "free")
            let window = try #require(usage["windows"]?.elements?.first)
            #expect(window["used"]?.integer == 8 && window["remaining"]?.integer == 40)
            #expect(window["window_end"]?.text == day.end.description && window["service"] == .null)
            let key = try house.key("a:b", of: ana.userID)
            #expect(try await house.client(("X-Api-Key", key)).get("/usage/me").json() == usage)
        }
    }

    @Test("days of use are filtered by subject, service and time, and given part by part")
    func days() async throws {
        try await withAdministrationHouse { house in
            let staff = try house.signIn("usage:read")
            let user = house.identifiers.next()
            let service = RegisteredService(
                id: house.identifiers.next(), slug: try #require(ServiceSlug("cvmaker")),
                rules: ServiceRules(name: "CVs", audience: "cv", upstream: "http://127.0.0.1:1"),
                createdAt: house.clock.now, updatedAt: house.clock.now)
            house.services.set([service])
            let day = WindowUnit.day.window(at: house.clock.now)
            house.usage.set([
                DailyUse(day: day.start, service: service.id, used: 3),
                DailyUse(day: day.start, service: house.identifiers.next(), used: 1),
            ])
            let answer = await staff.get(
                "/usage?subject=user:\(user)&service=cvmaker&from=\(day.start)&to=\(day.end)")
            let rows = try answer.data()
            #expect(rows[0]["service"]?.text == "cvmaker" && rows[0]["used"]?.integer == 3)
            #expect(rows[1]["service"] == .null && rows[1]["day"]?.text == day.start.description)
            let first = try await staff.get("/usage?limit=1").json()
            let cursor = try #require(first["next_cursor"]?.text)
            #expect(try await staff.get("/usage?limit=1&cursor=\(cursor)").data() == [rows[1]])
            let tenant = house.identifiers.next(TenantID.self)
            _ = await staff.get("/usage?subject=tenant:\(tenant)")
            _ = await staff.get("/usage?subject=\(user)")
            #expect(
                house.usage.questions.map(\.subject) == [.user(user), nil, nil, .tenant(tenant), .user(user)])
            #expect(house.usage.questions[0].from == day.start && house.usage.questions[0].to == day.end)
            #expect(await staff.get("/usage?subject=device:\(user)&from=x&to=").badFields == ["subject", "from", "to"])
            let robot = house.identifiers.next(ServiceAccountID.self)
            _ = await staff.get("/usage?subject=service_account:\(robot)")
            #expect(house.usage.questions.last?.subject == .serviceAccount(robot))
            #expect(await staff.get("/usage?service=nobody").badFields == ["service"])
            #expect(await staff.get("/usage?service=No%20slug").badFields == ["service"])
        }
    }

    @Test("what a key has used is given by day to its owner and to staff, and goes with nothing else")
    func keyDays() async throws {
        try await withAdministrationHouse { house in
            let ana = try house.signIn()
            let text = APIKeyText(random: SystemRandomSource())
            let key = APIKey(
                id: house.identifiers.next(), name: "k", prefix: text.prefix, hash: [1],
                owner: .user(ana.userID.value, in: nil), services: .none, scopes: .empty,
                createdAt: house.clock.now, expiresAt: nil)
            let days = [0, 1, 2].map { KeyUse.Place(key.id, at: house.clock.now - .seconds($0 * 86_400)) }
            house.work.arrange { store in
                store.apiKeys[key.id] = key
                for (number, day) in days.enumerated() { store.keyUses[day] = number + 1 }
            }
            let rows = try await ana.get("/usage?key=\(key.id)").data()
            #expect(rows.map { $0["used"]?.integer } == [3, 2, 1])
            #expect(rows.map { $0["day"]?.text } == days.reversed().map(\.day.description))
            #expect(rows.allSatisfy { $0["service_id"] == .null && $0["service"] == .null })
            let first = try await ana.get("/usage?key=\(key.id)&limit=2").json()
            let cursor = try #require(first["next_cursor"]?.text)
            #expect(try await ana.get("/usage?key=\(key.id)&limit=2&cursor=\(cursor)").data() == [rows[2]])
            let since = try await ana.get("/usage?key=\(key.id)&from=\(days[1].day)&to=\(days[0].day)").data()
            #expect(since == [rows[1]])
            #expect(try await house.signIn("usage:read").get("/usage?key=\(key.id)").data() == rows)
            #expect(try await house.signIn().get("/usage?key=\(key.id)").badFields == ["key"])
            #expect(await ana.get("/usage").refusal == "403 permission_denied")
            let both = "/usage?key=\(key.id)&subject=\(ana.userID)&service=cvmaker"
            #expect(await ana.get(both).badFields == ["subject", "service"])
        }
    }

    @Test("the audit log is searched, and tells what it knows of people")
    func audit() async throws {
        try await withAdministrationHouse { house in
            let staff = try house.signIn("audit:read")
            let id = house.identifiers.next()
            house.auditLog.set([
                AuditRecord(
                    id: id, subject: "user:x",
                    entry: AuditTrailEntry(
                        time: house.clock.now, actor: "system", action: "user.blocked", outcome: "refused",
                        reason: "last_admin", count: 3, personal: ["address": "192.0.2.1"]))
            ])
            let row = try #require(
                try await staff.get("/audit?subject=user:x&actor=system&action=user.blocked&limit=5").data().first)
            #expect(row["id"]?.text == id.description && row["count"]?.integer == 3)
            #expect(row["personal"] == ["address": "192.0.2.1"])
            #expect(
                house.auditLog.filters == [
                    AuditFilter(subject: "user:x", actor: "system", action: "user.blocked")
                ])
            #expect(await staff.get("/audit?from=yesterday&limit=1000").badFields == ["from", "limit"])
        }
    }

    @Test("a decision is explained by its rule and its counter; one that nobody remembers is 404")
    func explains() async throws {
        try await withAdministrationHouse { house in
            let staff = try house.signIn("access:explain")
            let window = WindowUnit.day.window(at: house.clock.now)
            let user = house.identifiers.next()
            let decision = Decision(
                id: house.identifiers.next(), denial: .quotaExhausted,
                caller: Caller(kind: .user, userID: user, plan: .free),
                binding: BindingLimit(policy: "day", limit: 50, used: 50, window: window),
                decidedAt: house.clock.now)
            house.decisions.note(
                DecisionRecord(
                    decision: decision, service: "cvmaker", credential: .accessToken, source: .request, method: .get,
                    path: "/cv", route: "/cv", cost: 1, entitlementVersion: 4))
            let told = try await staff.get("/access/explain/\(decision.id)").json()
            #expect(told["reason"]?.text == "quota_exhausted" && told["status"]?.integer == 429)
            #expect(told["caller"]?["user_id"]?.text == user.description)
            #expect(told["limit"]?["remaining"]?.integer == 0)
            #expect(told["limit"]?["resets_at"]?.text == window.end.description)
            #expect(told["method"]?.text == "GET" && told["entitlement_version"]?.integer == 4)
            #expect(told["recorded_in"]?.text == "memory" && told["audit_entry"] == .null)
            for id in [house.identifiers.next().description, "x"] {
                #expect(await staff.get("/access/explain/\(id)").refusal == "404 not_found")
            }
        }
    }

    @Test("of a refusal in the audit log is told what its line knows, with the time of the decision itself")
    func explainsFromAuditLog() async throws {
        try await withAdministrationHouse { house in
            let staff = try house.signIn("access:explain")
            let id = house.identifiers.next(DecisionID.self)
            let entry = house.identifiers.next()
            let user = house.identifiers.next(UserID.self)
            let decidedAt = house.clock.now
            house.clock.advance(by: .seconds(30))
            let refusal = RecordedRefusal(
                entryID: entry, reason: .accountBlocked, service: ServiceSlug("cvmaker"), userID: user.value,
                recordedAt: house.clock.now, count: 7)
            house.refusals.set(refusal, of: id)
            let told = try await staff.get("/access/explain/\(id)").json()
            #expect(told["recorded_in"]?.text == "audit_log" && told["decided_at"]?.text == decidedAt.description)
            #expect(told["allowed"]?.flag == false && told["reason"]?.text == "account_blocked")
            #expect(told["status"]?.integer == 403 && told["service"]?.text == "cvmaker")
            let line: JSONValue = [
                "id": .string(entry.description), "time": .string(house.clock.now.description),
                "user_id": .string(user.description), "service_account_id": .null, "count": 7,
            ]
            #expect(told["audit_entry"] == line)
            for member in ["source", "credential", "path", "cost", "caller", "limit", "degraded"] {
                #expect(told[member] == .null)
            }
        }
    }
}
