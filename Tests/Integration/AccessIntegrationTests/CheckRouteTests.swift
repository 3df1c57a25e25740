import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import HTTP
import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The doors for services")
struct CheckRouteTests {
    private struct Door {
        let house: AccessHouse
        let process: AccessAdapters
        let router: Router
        let key: String

        func send(
            _ path: String, _ body: String, headers: [(String, String)]? = nil
        ) async throws -> (Int, JSONValue, Response) {
            let fields = headers ?? [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
            let response = await router.respond(
                to: Request(method: .post, path: path, headers: Headers(fields), body: Array(body.utf8)))
            return (response.status, (try? JSONValue(parsing: response.body)) ?? .null, response)
        }
    }

    /// A door of a house with the service `one`, somebody, and a key that may ask about it.
    private func withDoor(_ body: (Door) async throws -> Void) async throws {
        try await withAccessHouse { house in
            try house.addUser(isAdministrator: true)
            let process = try await house.process()
            try await house.addService("one", process) { $0.allowAnonymous = true }
            let (_, key) = try await house.addKey(["access:check:one"], process)
            let routes = AccessRoutes.all(try house.useCases(process), process, try house.dependencies())
            let mapping = FailureMapping(logger: .silent) { problem, _ in problem.response(requestID: "-") }
            try await body(
                Door(house: house, process: process, router: Router(routes: routes, middleware: [mapping]), key: key))
        }
    }

    @Test("a name is counted once, and given back once by whoever may ask about the service")
    func names() async throws {
        try await withDoor { door in
            func check(_ request: String, cost: Int) async throws -> Bool? {
                let (_, answer, response) = try await door.send(
                    "/access/check",
                    #"{"service":"one","credential":"token-of-ana","cost":\#(cost),"request":"\#(request)"}"#)
                #expect(response["X-Gapura-Decision"] == answer["id"]?.text)
                return answer["allowed"]?.flag
            }
            func release(_ request: String, headers: [(String, String)]? = nil) async throws -> (Int, Int64?) {
                let (status, answer, _) = try await door.send(
                    "/access/release", #"{"service":"one","request":"\#(request)"}"#, headers: headers)
                #expect(status != 200 || answer["released"]?.flag == ((answer["amount"]?.integer ?? 0) > 0))
                return (status, answer["amount"]?.integer)
            }
            for _ in 0..<2 { #expect(try await check("request-1", cost: 3) == true) }
            #expect(try await check("request-2", cost: 4) == true)
            #expect(door.house.meter.taken.map(\.cost) == [3, 4])
            #expect(try await release("request-1") == (200, 3))
            #expect(try await release("request-1") == (200, 0))
            #expect(try await release("request-9") == (200, 0))
            #expect(door.house.meter.givenBack.map(\.cost) == [3])
            // Given back, it is a request that nobody has counted.
            #expect(try await check("request-1", cost: 3) == true)
            #expect(door.house.meter.taken.map(\.cost) == [3, 4, 3])
            #expect(try await release("short").0 == 422)
            #expect(try await release("request-2", headers: [("Content-Type", "application/json")]).0 == 401)
            let (_, other) = try await door.house.addKey(["access:check:two"], door.process)
            let headers = [("X-Api-Key", other), ("Content-Type", "application/json")]
            #expect(try await release("request-2", headers: headers).0 == 403)
            let (status, _, _) = try await door.send(
                "/access/check", #"{"service":"one","credential":"token-of-ana","request":"short"}"#)
            #expect(status == 422)
            // Too long is no second way to read it.
            let path = "/" + String(repeating: "a", count: 4_096)
            let (long, refused, _) = try await door.send(
                "/access/check", #"{"service":"one","credential":"t","method":"GET","path":"\#(path)"}"#)
            #expect(long == 422 && refused["errors"]?["path"] != nil)
        }
    }

    @Test("a decision is always 200, and never stored")
    func decides() async throws {
        try await withDoor { door in
            let (status, answer, response) = try await door.send(
                "/access/check", #"{"service":"one","credential":"token-of-ana","method":"GET","path":"/a"}"#)
            #expect(status == 200 && answer["allowed"] == true && answer["caller"]?["kind"]?.text == "user")
            #expect(response["Cache-Control"] == "no-store" && response["Content-Type"] == "application/json")
            let (denied, refusal, _) = try await door.send(
                "/access/check", #"{"service":"one","credential":"forged","method":"GET","path":"/a"}"#)
            #expect(denied == 200 && refusal["allowed"] == false && refusal["reason"]?.text == "invalid_credential")
            #expect(refusal["status"]?.integer == 401)
        }
    }

    @Test("a dry run counts nothing; a cost is drawn; an escaped body is read alike")
    func bodies() async throws {
        try await withDoor { door in
            _ = try await door.send(
                "/access/check", #"{"service":"one","credential":"token-of-ana","dry_run":true}"#)
            #expect(door.house.meter.peeked.count == 1 && door.house.meter.taken.isEmpty)
            let (status, answer, _) = try await door.send(
                "/access/check", #"{"service":"\u006fne","credential":"token-of-ana","cost":7}"#)
            #expect(status == 200 && answer["allowed"] == true)
            #expect(door.house.meter.taken.map(\.cost) == [7])
        }
    }

    @Test("a visitor is counted to his address and to a device whose cookie we signed")
    func visitors() async throws {
        try await withDoor { door in
            let device = SequentialIdentifiers.identifier(77)
            let cookie = door.process.devices.text(of: device)
            for text in [cookie, "forged"] {
                _ = try await door.send(
                    "/access/check",
                    #"{"service":"one","anonymous":{"address":"192.0.2.9","device":"\#(text)"}}"#)
            }
            let visitors = door.house.meter.taken.compactMap { draw in
                if case .anonymous(let visitor, _) = draw.drawer { visitor } else { nil }
            }
            let address = try #require(NetworkAddress(text: "192.0.2.9"))
            #expect(
                visitors == [
                    AnonymousCaller(address: address, device: device), AnonymousCaller(address: address, device: nil),
                ])
        }
    }

    @Test(
        "a path that can be read in two ways is a refusal, not an error",
        arguments: ["//", "/a/../b", "/a%2fb", "/a;b", "relative", "/%"])
    func ambiguous(_ path: String) async throws {
        try await withDoor { door in
            let (status, answer, _) = try await door.send(
                "/access/check",
                #"{"service":"one","credential":"token-of-ana","method":"GET","path":"\#(path)"}"#)
            #expect(status == 200 && answer["reason"]?.text == "ambiguous_request")
            #expect(door.house.meter.calls.isEmpty)
        }
    }

    @Test("who asks needs a key for that service, in one of two headers; there is no way around it")
    func keys() async throws {
        try await withDoor { door in
            let json = ("Content-Type", "application/json")
            let body = #"{"service":"one","credential":"token-of-ana"}"#
            let bad: [[(String, String)]] = [
                [json], [json, ("Authorization", "Bearer token-of-ana")], [json, ("Authorization", "Basic x")],
                [json, ("X-Api-Key", String(door.key.dropLast()))],
                [json, ("Authorization", "Bearer x"), ("X-Api-Key", door.key)],
            ]
            for headers in bad {
                let (status, answer, response) = try await door.send("/access/check", body, headers: headers)
                #expect(status == 401 && answer["code"]?.text == "unauthenticated")
                #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer realm=") == true)
            }
            let good: [[(String, String)]] = [
                [json, ("X-Api-Key", door.key)], [json, ("authorization", "bearer \(door.key)")],
            ]
            for headers in good {
                #expect(try await door.send("/access/check", body, headers: headers).0 == 200)
            }
            for other in ["two", "unknown", "no slug"] {
                let (status, answer, _) = try await door.send(
                    "/access/check", #"{"service":"\#(other)","credential":"token-of-ana"}"#)
                #expect(status == 403 && answer["code"]?.text == "untrusted_gateway")
            }
            // Who may not ask learns nothing of what is wrong with the question, and is written down.
            #expect(try await door.send("/access/check", "{", headers: [json]).0 == 401)
            try await door.house.useCases(door.process).recordFollowUps()
            let reasons = try await door.house.texts("SELECT reason FROM audit_entries")
            #expect(!reasons.isEmpty && Set(reasons) == ["untrusted_gateway"])
        }
    }

    @Test("wrong input is told with every field")
    func wrongInput() async throws {
        try await withDoor { door in
            let (status, problem, _) = try await door.send(
                "/access/check",
                #"{"service":1,"anonymous":{"address":"x","device":""},"permission":"x","cost":-1,"dry_run":1}"#)
            #expect(status == 422 && problem["code"]?.text == "validation_failed")
            guard case .object(let errors)? = problem["errors"] else { throw Unexpected() }
            #expect(
                Set(errors.keys) == [
                    "service", "anonymous.address", "anonymous.device", "permission", "cost", "dry_run",
                ])
            let contradictions = [
                #"{"service":"one","credential":"t","method":"GET"}"#,
                #"{"service":"one","credential":"t","path":"/"}"#,
                #"{"service":"one","credential":"t","path":"/","method":"GET","permission":"a:b"}"#,
                #"{"service":"one","method":"GET","path":"/"}"#,
            ]
            for body in contradictions { #expect(try await door.send("/access/check", body).0 == 422) }
            #expect(try await door.send("/access/check", "{").0 == 400)
            let text = [("Authorization", "Bearer \(door.key)"), ("Content-Type", "text/plain")]
            #expect(try await door.send("/access/check", "{}", headers: text).0 == 415)
        }
    }

    @Test("an amount is reserved, committed and released in the name of the key")
    func reservations() async throws {
        try await withDoor { door in
            let id = ReservationID(SequentialIdentifiers.identifier(88))
            let limit = BindingLimit(
                policy: "day", limit: 50, used: 50, window: WindowUnit.day.window(at: door.house.clock.now))
            func reservation(_ state: Reservation.State) -> Reservation {
                Reservation(
                    id: id, key: "job", caller: id.value, subject: .user(AccessHouse.ana.value),
                    service: ServiceID(id.value), amount: 5, reservedAt: door.house.clock.now,
                    expiresAt: door.house.clock.now + .seconds(60), state: state)
            }
            let body = #"{"service":"one","credential":"token-of-ana","amount":5,"key":"job"}"#
            door.house.meter.plan(
                reserve: .reserved(reservation(.open), DrawOutcome(isAllowed: true, binding: limit)))
            var (status, answer, _) = try await door.send("/access/reserve", body)
            #expect(status == 200 && answer["decision"]?["allowed"] == true)
            #expect(answer["reservation"]?["id"]?.text == id.description)
            #expect(answer["reservation"]?["state"]?.text == "open" && answer["reservation"]?["used"] == .null)
            door.house.meter.plan(reserve: .refused(DrawOutcome(isAllowed: false, binding: limit)))
            (status, answer, _) = try await door.send("/access/reserve", body)
            #expect(status == 200 && answer["reservation"] == .null)
            #expect(answer["decision"]?["reason"]?.text == "quota_exhausted")
            door.house.meter.plan(reserve: .keyReused)
            #expect(try await door.send("/access/reserve", body).1["code"]?.text == "reservation_key_reused")

            let commit = "/access/reservations/\(id)/commit"
            let outcomes: [(SettleOutcome, Int, String)] = [
                (.settled(reservation(.committed(used: 3))), 200, ""),
                (.conflict(reservation(.released)), 409, "reservation_settled"),
                (.expired, 409, "reservation_expired"), (.noRoom(limit), 429, "quota_exhausted"),
                (.unknown, 404, "not_found"),
            ]
            for (outcome, expected, code) in outcomes {
                door.house.meter.plan(settle: outcome)
                let (status, answer, response) = try await door.send(commit, #"{"used":3}"#)
                #expect(status == expected && answer["code"]?.text ?? "" == code)
                if expected == 200 { #expect(answer["used"]?.integer == 3) }
                if expected == 429 { #expect(response["Retry-After"] != nil && response["RateLimit"] != nil) }
            }
            door.house.meter.plan(settle: .settled(reservation(.released)))
            #expect(try await door.send("/access/reservations/\(id)/release", "").0 == 200)
            #expect(try await door.send("/access/reservations/nonsense/release", "").0 == 404)
            #expect(try await door.send(commit, #"{"used":-1}"#).0 == 422)
        }
    }
}

private struct Unexpected: Error {}
