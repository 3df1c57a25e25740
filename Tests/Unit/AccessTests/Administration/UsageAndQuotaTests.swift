import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("Usage, quota and permissions of people")
struct UsageAndQuotaTests {
    private let scene = AdministrationScene()

    private func service(_ slug: String) throws -> RegisteredService {
        RegisteredService(
            id: scene.identifiers.next(), slug: try #require(ServiceSlug(slug)),
            rules: ServiceRules(name: slug, audience: slug, upstream: "http://127.0.0.1:1"), createdAt: scene.now,
            updatedAt: scene.now)
    }

    /// Of somebody who is there.
    private func own() async throws -> [QuotaUse] {
        let standing = scene.standing(scene.identifiers.next(), .empty)
        scene.standings.set(standing)
        let own = try #require(try await scene.readUsage.own(scene.administrator(id: standing.userID)))
        #expect(own.plan == .free)
        return own.uses
    }

    @Test("whose account is gone has used nothing and has no rights")
    func gone() async throws {
        let nobody = scene.identifiers.next()
        let principal = scene.administrator(id: nobody)
        #expect(try await scene.readUsage.own(principal)?.uses.count == nil)
        let read = ReadOwnRightsService(standings: scene.standings, clock: scene.clock)
        #expect(try await read(principal) == nil)
        let robot = scene.program(.empty, of: nobody, isServiceAccount: true)
        #expect(try await read(robot) == nil)
        #expect(try await scene.readUsage.own(robot)?.uses.count == nil)
    }

    @Test("who has used nothing sees the limits of his plan")
    func nothingUsed() async throws {
        let uses = try await own()
        #expect(uses.map(\.limit) == [50])
        #expect(uses.map(\.remaining) == [50])
        #expect(uses[0].service == nil && uses[0].window == WindowUnit.day.window(at: scene.now))
    }

    @Test("what was used stands beside the limit, by service too; of a service that is gone nothing is told")
    func used() async throws {
        let cvmaker = try service("cvmaker")
        scene.services.set([cvmaker])
        let day = WindowUnit.day.window(at: scene.now)
        func use(_ service: ServiceID?, _ used: Int) -> MeteredUse {
            MeteredUse(service: service, unit: .day, window: day, used: used, reserved: 1)
        }
        scene.meter.plan(usage: [use(cvmaker.id, 3), use(scene.identifiers.next(), 9), use(nil, 60)])
        let uses = try await own()
        #expect(uses.map(\.service?.text) == [nil, "cvmaker"])
        #expect(uses.map(\.used) == [60, 3])
        #expect(uses.map(\.limit) == [50, nil])
        #expect(uses.map(\.remaining) == [0, nil])
    }

    @Test("days are asked for by the service's id, and an unknown slug is told")
    func days() async throws {
        let cvmaker = try service("cvmaker")
        scene.services.set([cvmaker])
        let user = scene.identifiers.next()
        let query = UsageQuery(subject: .user(user), service: cvmaker.slug, from: scene.now, to: nil)
        guard
            case .found(_, let slugs) = try await scene.readUsage.daily(
                query, PageRequest(), for: scene.administrator())
        else {
            Issue.record("not found")
            return
        }
        #expect(slugs == [cvmaker.id: cvmaker.slug])
        #expect(
            scene.usage.questions == [
                .init(
                    subject: .user(user), service: cvmaker.id, from: scene.now, to: scene.now + .milliseconds(1))
            ])
        let everything = UsageQuery(subject: nil, service: nil, from: nil, to: scene.now)
        _ = try await scene.readUsage.daily(everything, PageRequest(), for: scene.administrator())
        #expect(scene.usage.questions[1].from == scene.now - .seconds(30 * 86_400))
        let nobody: ServiceSlug = try #require(ServiceSlug("nobody"))
        let unknown = UsageQuery(subject: nil, service: nobody, from: nil, to: nil)
        guard case .unknownService = try await scene.readUsage.daily(unknown, PageRequest(), for: scene.administrator())
        else {
            Issue.record("found")
            return
        }
    }

    @Test("a service account has used what its own counters say, by its own plan")
    func serviceAccount() async throws {
        let id: ServiceAccountID = scene.identifiers.next()
        scene.standings.set(
            ServiceAccountStanding(
                id: id, isActive: true, roles: ["robots"], rights: .none,
                plan: EffectivePlan(nil, catalog: .standard, at: scene.now)))
        let robot = scene.program(.empty, of: id.value, isServiceAccount: true)
        #expect(try await scene.readUsage.own(robot)?.uses.map(\.limit) == [50])
        #expect(scene.meter.usageQuestions == [.serviceAccount(id)])
        let read = ReadOwnRightsService(standings: scene.standings, clock: scene.clock)
        #expect(try await read(robot) == OwnRights(roles: ["robots"], plan: .free))
    }

    @Test("what a key has used is seen by its owner, by the owner's keys and by staff, and by nobody else")
    func ofKeys() async throws {
        let ana: Identifier = scene.identifiers.next()
        let robot: ServiceAccountID = scene.identifiers.next()
        func key(_ number: UInt64, _ owner: APIKey.Owner) -> APIKeyID {
            let key = APIKey(
                id: scene.identifiers.next(), name: "k",
                prefix: APIKeyText(random: SeededRandom(seed: number)).prefix, hash: [1], owner: owner,
                services: .none, scopes: .empty, createdAt: scene.now, expiresAt: nil)
            scene.work.arrange { store in
                store.apiKeys[key.id] = key
                store.keyUses[KeyUse.Place(key.id, at: scene.now)] = 4
                store.keyUses[KeyUse.Place(key.id, at: scene.now - .seconds(40 * 86_400))] = 9
            }
            return key.id
        }
        func use(_ key: APIKeyID, by principal: Principal) async throws -> [Int]? {
            let query = UsageQuery(subject: nil, key: key, service: nil, from: nil, to: nil)
            switch try await scene.readUsage.daily(query, PageRequest(), for: principal) {
            case .found(let page, _): return page.items.map(\.used)
            case .unknownKey: return nil
            default: throw InternalFailure("another answer")
            }
        }
        let (own, ofRobot) = (key(1, .user(ana, in: nil)), key(2, .serviceAccount(robot)))
        let staff = scene.administrator(try AdministrationScene.set("usage:read"))
        for key in [own, ofRobot] { #expect(try await use(key, by: staff) == [4]) }
        #expect(try await use(own, by: scene.administrator(.empty, id: ana)) == [4])
        #expect(try await use(own, by: scene.program(.empty, of: ana)) == [4])
        #expect(try await use(ofRobot, by: scene.program(.empty, of: robot.value, isServiceAccount: true)) == [4])
        // The same identifier of another kind is somebody else.
        #expect(try await use(ofRobot, by: scene.administrator(.empty, id: robot.value)) == nil)
        #expect(try await use(own, by: scene.program(.empty, of: ana, isServiceAccount: true)) == nil)
        #expect(try await use(own, by: scene.administrator(.empty)) == nil)
        #expect(try await use(scene.identifiers.next(), by: staff) == nil)
        let everything = UsageQuery(subject: nil, service: nil, from: nil, to: nil)
        guard
            case .permissionDenied = try await scene.readUsage.daily(
                everything, PageRequest(), for: scene.administrator(.empty, id: ana))
        else {
            Issue.record("not refused")
            return
        }
    }

    private var reset: ResetQuotaService {
        ResetQuotaService(work: scene.work, users: scene.users, meter: scene.meter, clock: scene.clock)
    }

    @Test("a user's quota is reset by id or by address, here and everywhere")
    func resets() async throws {
        try scene.user("xana")
        let ana = try scene.user("ana")
        for subject in [ana.description, "Ana@Example.com"] {
            #expect(try await reset(subject) == .reset([.user(ana.value)]))
        }
        let store = scene.work.store
        #expect(store.changes == Array(repeating: .usage(.user(ana.value)), count: 2))
        #expect(store.auditTrail.map(\.entry.subject) == Array(repeating: "user:\(ana)", count: 2))
        #expect(scene.meter.calls.count == 2)
    }

    @Test("a service account's quota is reset by its id, if there is one")
    func resetsServiceAccounts() async throws {
        let robot = scene.serviceAccount()
        #expect(try await reset("service_account:\(robot.id)") == .reset([.serviceAccount(robot.id)]))
        #expect(scene.work.store.changes == [.usage(.serviceAccount(robot.id))])
        #expect(scene.work.store.auditTrail.map(\.entry.subject) == ["service_account:\(robot.id)"])
        #expect(try await reset("service_account:\(scene.identifiers.next())") == .unknown)
        #expect(try await reset("\(robot.id)") == .unknown)
    }

    @Test("a network address resets the networks around it, and the log does not name it")
    func networks() async throws {
        let address = try #require(NetworkAddress(text: "2001:db8::1"))
        let expected: [MeterSubject] = [64, 56, 48].map { .network(address.prefix($0)) }
        #expect(try await reset("2001:db8::1") == .reset(expected))
        #expect(scene.work.store.changes == expected.map { .usage($0) })
        #expect(scene.work.store.auditTrail.map(\.entry.subject) == [nil])
    }

    @Test(
        "what is nobody's resets nothing",
        arguments: ["nobody", "nobody@example.com", "01900000-0000-7000-8000-0000000003e7", ""])
    func nobody(subject: String) async throws {
        try scene.user("ana")
        #expect(try await reset(subject) == .unknown)
        #expect(scene.work.store.changes.isEmpty && scene.meter.calls.isEmpty)
    }

    @Test("a permission counts for who is in good standing")
    func permissions() async throws {
        let check = CheckPermissionService(standings: scene.standings, clock: scene.clock)
        let permission = try #require(Permission("documents:read"))
        let ana = UserID(scene.identifiers.next())
        #expect(try await check(permission, of: ana) == false)
        let good = scene.standing(ana.value, try AdministrationScene.set("documents:*"))
        scene.standings.set(good)
        #expect(try await check(permission, of: ana))
        let other = try #require(Permission("shop:read"))
        #expect(try await check(other, of: ana) == false)
        scene.standings.set(
            Standing(
                userID: ana.value, isGood: false, email: nil, roles: [], rights: good.rights, plan: good.plan))
        #expect(try await check(permission, of: ana) == false)
    }
}
