import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("Managing API keys")
struct ManageAPIKeysTests {
    private let scene = AdministrationScene()

    private func create(
        _ scopes: [String], by administrator: Principal, for owner: UserID? = nil, id: UInt64 = 500,
        kind: APIKey.Kind? = nil, account: ServiceAccountID? = nil, services: [String] = ["*"],
        expiresAt: Timestamp? = nil
    ) async throws -> CreateAPIKeyOutcome {
        try await scene.manageKeys.create(
            CreateAPIKeyCommand(
                id: APIKeyID(SequentialIdentifiers.identifier(id)),
                draft: APIKeyDraft(
                    name: "backup", kind: kind, services: services, scopes: scopes, expiresAt: expiresAt),
                owner: owner, serviceAccount: account, principal: administrator))
    }

    private func change(
        _ key: APIKey, services: [String]? = nil, name: String? = nil, by principal: Principal
    ) async throws -> ChangeAPIKeyOutcome {
        try await scene.changeKey(
            ChangeAPIKeyCommand(id: key.id, name: name, services: services, principal: principal))
    }

    private func made(_ outcome: CreateAPIKeyOutcome) throws -> (key: APIKey, text: Secret<String>?) {
        guard case .created(let key, let text) = outcome else { throw InternalFailure("not made: \(outcome)") }
        return (key, text)
    }

    private func isDenied(_ outcome: CreateAPIKeyOutcome) -> Bool {
        if case .permissionDenied = outcome { true } else { false }
    }

    @Test("the text is told once, opens the key, and is not stored")
    func creates() async throws {
        let maker = scene.administrator(try AdministrationScene.set("documents:*"))
        let (key, text) = try made(try await create(["documents:read"], by: maker))
        let told = try #require(text).reveal()
        let shown = try #require(APIKeyText(told))
        #expect(shown.prefix == key.prefix)
        #expect(key.matches(KeyDigestDouble().digest(of: shown.secret.reveal())))
        #expect(key.owner == .user(maker.userID, in: nil))
        let again = try made(try await create(["documents:read"], by: maker))
        #expect(again.key == key && again.text == nil)
        let store = scene.work.store
        #expect(store.changes == [.apiKey(key.id)])
        #expect(store.events(of: APIKeyCreated.self).map(\.userID) == [maker.userID])
        #expect(store.auditLines == ["done api_key.created"])
    }

    @Test("scopes beyond the maker's own rights are refused with a line")
    func scopes() async throws {
        let maker = scene.administrator(try AdministrationScene.set("documents:read"))
        #expect(isDenied(try await create(["documents:read", "shop:read"], by: maker)))
        #expect(isDenied(try await create(["documents:*"], by: maker)))
        #expect(scene.work.store.apiKeys.isEmpty && scene.work.store.events.isEmpty)
        #expect(
            scene.work.store.auditLines == Array(repeating: "refused api_key.created permission_denied", count: 2))
    }

    @Test("anybody signed in makes a key for themselves, without a scope, for services that there are")
    func customers() async throws {
        try scene.service("shop")
        let ana = scene.administrator(.empty)
        let (key, _) = try made(try await create([], by: ana, services: ["shop", "gapura"]))
        #expect(key.kind == .personal && key.services.texts == ["gapura", "shop"] && key.scopes.isEmpty)
        guard case .invalid(let invalid) = try await create([], by: ana, id: 501, services: ["shop", "nobody"]) else {
            Issue.record("not refused")
            return
        }
        #expect(invalid.problems.map(\.field) == ["services[1]"])
    }

    @Test("a gateway's key takes the right to manage keys and to ask about each service, and belongs to nobody")
    func gateways() async throws {
        try scene.service("shop")
        try scene.service("news")
        let weak = [
            try AdministrationScene.set("api_keys:*", "access:check:shop"), try AdministrationScene.set("access:check"),
        ]
        for rights in weak {
            let maker = scene.administrator(rights)
            #expect(isDenied(try await create([], by: maker, kind: .gateway, services: ["shop", "news"])))
        }
        #expect(scene.work.store.auditLines.allSatisfy { $0 == "refused api_key.created permission_denied" })
        let maker = scene.administrator(try AdministrationScene.set("api_keys:*", "access:check"))
        let (key, _) = try made(try await create([], by: maker, kind: .gateway, services: ["shop"]))
        #expect(key.owner == .platform)
        #expect(try key.scopes == AdministrationScene.set("access:check:shop"))
        guard case .changed(let changed) = try await change(key, services: ["news"], by: maker) else {
            Issue.record("not changed")
            return
        }
        #expect(try changed.scopes == AdministrationScene.set("access:check:news"))
        let shopOnly = scene.administrator(try AdministrationScene.set("api_keys:*", "access:check:shop"))
        #expect(try await change(changed, services: ["shop"], by: shopOnly) == .permissionDenied)
        #expect(try await scene.manageKeys.revoke(key.id, by: shopOnly) == .permissionDenied)
        let owner = try scene.user("ana")
        guard case .invalid = try await create([], by: maker, for: owner, kind: .gateway, services: ["shop"]) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a service account's key takes the right to manage keys and all that the account may, and is nobody's")
    func serviceAccounts() async throws {
        let writer = scene.role("writer", try AdministrationScene.set("shop:*"))
        let robot = scene.serviceAccount(roles: writer)
        for rights in [["api_keys:*"], ["shop:*"]] {
            let maker = scene.administrator(try PermissionSet(texts: rights, field: ""))
            #expect(isDenied(try await create([], by: maker, kind: .serviceAccount, account: robot.id)))
        }
        #expect(
            scene.work.store.auditTrail.map(\.entry.subject)
                == Array(repeating: "service_account:\(robot.id)", count: 2))
        let maker = scene.administrator(try AdministrationScene.set("api_keys:*", "shop:*"))
        #expect(isDenied(try await create(["documents:read"], by: maker, kind: .serviceAccount, account: robot.id)))
        let (key, _) = try made(try await create(["shop:read"], by: maker, kind: .serviceAccount, account: robot.id))
        #expect(key.owner == .serviceAccount(robot.id) && key.kind == .serviceAccount)
        let event = try #require(scene.work.store.events(of: APIKeyCreated.self).first)
        #expect(event.serviceAccountID == robot.id && event.userID == nil && event.kind == "service_account")
        #expect(event.madeBy == maker.userID)
        // Whoever made it or may manage keys alone has no part in what the account may do.
        let keymaster = scene.administrator(try AdministrationScene.set("api_keys:*"))
        #expect(try await change(key, services: ["gapura"], by: keymaster) == .permissionDenied)
        #expect(try await scene.manageKeys.revoke(key.id, by: keymaster) == .permissionDenied)
        let rotation = RotateAPIKeyCommand(id: key.id, overlap: .zero, principal: keymaster)
        guard case .permissionDenied = try await scene.rotateKey(rotation) else {
            Issue.record("rotated")
            return
        }
        guard
            case .rotated = try await scene.rotateKey(
                RotateAPIKeyCommand(id: key.id, overlap: .zero, principal: maker))
        else {
            Issue.record("not rotated")
            return
        }
        guard
            case .listed(let page) = try await scene.manageKeys.list(
                .ofServiceAccount(robot.id), PageRequest(), for: maker)
        else {
            Issue.record("not listed")
            return
        }
        #expect(page.items.map(\.id) == [key.id])
        #expect(try await scene.manageKeys.revoke(key.id, by: maker) == .revoked)
    }

    @Test("an owner who does not go with the kind is told, and a service account that is not there")
    func ownersAndKinds() async throws {
        let (ana, robot) = (try scene.user("ana"), scene.serviceAccount())
        func fields(_ outcome: CreateAPIKeyOutcome) -> [String]? {
            guard case .invalid(let invalid) = outcome else { return nil }
            return invalid.problems.map(\.field)
        }
        let admin = scene.administrator()
        #expect(fields(try await create([], by: admin, kind: .serviceAccount)) == ["service_account_id"])
        #expect(
            fields(try await create([], by: admin, for: ana, kind: .serviceAccount, account: robot.id)) == ["user_id"])
        #expect(
            fields(try await create([], by: admin, kind: .personal, account: robot.id)) == ["service_account_id"])
        let gateway = try await create(["access:check"], by: admin, kind: .gateway, account: robot.id, services: [])
        #expect(fields(gateway) == ["service_account_id"])
        let nobody: ServiceAccountID = scene.identifiers.next()
        guard case .unknownServiceAccount = try await create([], by: admin, kind: .serviceAccount, account: nobody)
        else {
            Issue.record("not refused")
            return
        }
        let stranger = scene.administrator(.empty)
        #expect(isDenied(try await create([], by: stranger, kind: .serviceAccount, account: nobody)))
        #expect(scene.work.store.apiKeys.isEmpty)
    }

    @Test("what somebody else does with a key is told with who it was, what its owner does without")
    func told() async throws {
        let ana = try scene.user("ana")
        let (own, other) = (scene.administrator(.empty, id: ana.value), scene.administrator())
        let (key, _) = try made(try await create([], by: own, services: ["gapura"]))
        for (principal, name) in [(own, "mine"), (other, "theirs")] {
            guard case .changed = try await change(key, name: name, by: principal) else {
                Issue.record("not changed")
                continue
            }
        }
        _ = try await scene.rotateKey(RotateAPIKeyCommand(id: key.id, overlap: .zero, principal: own))
        _ = try await scene.manageKeys.revoke(key.id, by: other)
        let store = scene.work.store
        let changed = store.events(of: APIKeyChanged.self)
        #expect(changed.map(\.change) == ["changed", "changed", "rotated"])
        #expect(changed.map(\.changedBy) == [nil, other.userID, nil])
        #expect(changed.allSatisfy { $0.userID == ana.value })
        #expect(store.events(of: APIKeyRevoked.self).map(\.revokedBy) == [other.userID])
        let lines = store.auditTrail.map(\.entry).filter { $0.subject == "user:\(ana)" }
        #expect(lines.map(\.action) == ["api_key.changed", "api_key.revoked"])
    }

    @Test("an owner lets a key of the version before open services again, also when they have lost a right since")
    func listing() async throws {
        try scene.service("shop")
        let maker = scene.administrator(try AdministrationScene.set("documents:read"))
        let (key, _) = try made(try await create(["documents:read"], by: maker))
        let owner = scene.administrator(.empty)
        guard case .changed(let changed) = try await change(key, services: ["shop"], name: "new", by: owner) else {
            Issue.record("not changed")
            return
        }
        #expect(changed.services.texts == ["shop"] && changed.name == "new" && changed.scopes == key.scopes)
        #expect(scene.work.store.apiKeys[key.id] == changed)
        #expect(scene.work.store.changes == [.apiKey(key.id), .apiKey(key.id)])
        #expect(scene.work.store.auditLines.last == "done api_key.changed")
        let stranger = scene.administrator(.empty, id: SequentialIdentifiers.identifier(800))
        #expect(try await change(key, services: ["*"], by: stranger) == .unknown)
        #expect(try await change(key, services: ["*"], by: scene.program(.all)) == .permissionDenied)
    }

    @Test("bad fields are told before rights are looked at")
    func invalid() async throws {
        let outcome = try await create(["nonsense"], by: scene.administrator(.empty), expiresAt: scene.now)
        guard case .invalid(let invalid) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(invalid.problems.map(\.field) == ["expires_at", "scopes[0]"])
    }

    @Test("a key for somebody else takes the right to it and all that its owner may, and leaves a line on its owner")
    func owners() async throws {
        let (ana, root) = (try scene.user("ana"), try scene.user("root", isAdministrator: true))
        scene.role("writer", try AdministrationScene.set("shop:*"), heldBy: ana)
        let documents = try AdministrationScene.set("documents:*")
        #expect(isDenied(try await create(["documents:read"], by: scene.administrator(documents), for: ana)))
        let keymaster = scene.administrator(try AdministrationScene.set("documents:*", "api_keys:*"))
        #expect(isDenied(try await create(["documents:read"], by: keymaster, for: ana)))
        #expect(isDenied(try await create([], by: keymaster, for: root)))
        let manager = scene.administrator(try AdministrationScene.set("documents:*", "api_keys:*", "shop:*"))
        let (key, _) = try made(try await create(["documents:read"], by: manager, for: ana))
        #expect(key.owner.userID == ana.value)
        let lines = scene.work.store.auditTrail.map(\.entry).filter { $0.outcome == .done }
        #expect(lines.map(\.subject) == ["api_key:\(key.id)", "user:\(ana)"])
        #expect(scene.work.store.events(of: APIKeyCreated.self).map(\.madeBy) == [manager.userID])
        #expect(try await change(key, services: ["gapura"], by: keymaster) == .permissionDenied)
        #expect(try await scene.manageKeys.revoke(key.id, by: keymaster) == .permissionDenied)
        let nobody = UserID(SequentialIdentifiers.identifier(999))
        guard
            case .unknownOwner = try await create(["documents:read"], by: scene.administrator(), for: nobody, id: 501)
        else {
            Issue.record("not refused")
            return
        }
        #expect(isDenied(try await create(["documents:read"], by: manager, for: nobody, id: 501)))
    }

    @Test("a key makes no keys and revokes none, whatever its scopes are")
    func keysOfKeys() async throws {
        let program = scene.program(.all)
        #expect(isDenied(try await create(["documents:read"], by: program)))
        let (key, _) = try made(try await create(["documents:read"], by: scene.administrator(), id: 501))
        #expect(key.owner.userID == program.userID)
        #expect(try await scene.manageKeys.revoke(key.id, by: program) == .permissionDenied)
        #expect(scene.work.store.apiKeys[key.id]?.revokedAt == nil)
    }

    @Test("an owner has a bounded number of open keys; revoked ones do not count")
    func bounded() async throws {
        let maker = scene.administrator()
        for number in 1...APIKey.Holder.user(maker.userID).openMax {
            let id = APIKeyID(SequentialIdentifiers.identifier(UInt64(1_000 + number)))
            let key = APIKey(
                id: id, name: "k", prefix: APIKeyText(random: SeededRandom(seed: UInt64(1_000 + number))).prefix,
                hash: [1], owner: .user(maker.userID, in: nil), services: .none, scopes: .empty, createdAt: scene.now,
                expiresAt: nil)
            scene.work.arrange { $0.apiKeys[id] = key }
        }
        guard case .tooMany = try await create(["documents:read"], by: maker) else {
            Issue.record("not refused")
            return
        }
        let first = APIKeyID(SequentialIdentifiers.identifier(1_001))
        #expect(try await scene.manageKeys.revoke(first, by: maker) == .revoked)
        _ = try made(try await create(["documents:read"], by: maker))
    }

    @Test("revoking is told to everybody once, and a second time is the same")
    func revokes() async throws {
        let maker = scene.administrator()
        let (key, _) = try made(try await create(["documents:read"], by: maker))
        scene.clock.advance(by: .seconds(1))
        #expect(try await scene.manageKeys.revoke(key.id, by: maker) == .revoked)
        #expect(try await scene.manageKeys.revoke(key.id, by: maker) == .revoked)
        let store = scene.work.store
        #expect(store.apiKeys[key.id]?.revokedAt == scene.now)
        #expect(store.events(of: APIKeyRevoked.self).map(\.reason) == ["revoked"])
        #expect(store.changes == [.apiKey(key.id), .apiKey(key.id)])
        #expect(store.auditLines == ["done api_key.created", "done api_key.revoked"])
    }

    @Test("somebody else's key is not there without the right to see it, and is not revoked by seeing it")
    func foreign() async throws {
        let (key, _) = try made(try await create(["documents:read"], by: scene.administrator()))
        let other = SequentialIdentifiers.identifier(800)
        let stranger = scene.administrator(.empty, id: other)
        #expect(try await scene.manageKeys.find(key.id, for: stranger) == nil)
        #expect(try await scene.manageKeys.revoke(key.id, by: stranger) == .unknown)
        let reader = scene.administrator(try AdministrationScene.set("api_keys:read"), id: other)
        #expect(try await scene.manageKeys.find(key.id, for: reader) == key)
        #expect(try await scene.manageKeys.revoke(key.id, by: reader) == .permissionDenied)
        let keymaster = scene.administrator(try AdministrationScene.set("api_keys:*"), id: other)
        #expect(try await scene.manageKeys.revoke(key.id, by: keymaster) == .permissionDenied)
        let manager = scene.administrator(try AdministrationScene.set("api_keys:*", "documents:read"), id: other)
        #expect(try await scene.manageKeys.revoke(key.id, by: manager) == .revoked)
    }

    @Test("everybody lists his own keys, others' and all by right; a program even its owner's by right only")
    func lists() async throws {
        let maker = scene.administrator()
        let (key, _) = try made(try await create(["documents:read"], by: maker))
        func list(_ whose: APIKeyListing, _ administrator: Principal) async throws -> [APIKeyID]? {
            switch try await scene.manageKeys.list(whose, PageRequest(), for: administrator) {
            case .listed(let page): page.items.map(\.id)
            case .permissionDenied: nil
            }
        }
        let plain = scene.administrator(.empty, id: maker.userID)
        #expect(try await list(.own, plain) == [key.id])
        #expect(try await list(.of(UserID(maker.userID)), plain) == [key.id])
        let stranger = scene.administrator(.empty, id: SequentialIdentifiers.identifier(800))
        #expect(try await list(.own, stranger) == [])
        #expect(try await list(.of(UserID(maker.userID)), stranger) == nil)
        #expect(try await list(.everybody, stranger) == nil)
        let reader = scene.administrator(
            try AdministrationScene.set("api_keys:read"), id: SequentialIdentifiers.identifier(800))
        #expect(try await list(.everybody, reader) == [key.id])
        #expect(try await list(.own, scene.program(try AdministrationScene.set("documents:read"))) == nil)
        #expect(try await list(.own, scene.program(try AdministrationScene.set("api_keys:read"))) == [key.id])
    }

    @Test(
        "a key gets another secret while the old one still counts, and a second change keeps the one that programs have"
    )
    func rotates() async throws {
        let maker = scene.administrator()
        let (key, first) = try made(try await create([], by: maker))
        func rotate(_ overlap: Duration, by principal: Principal) async throws -> (key: APIKey, text: String)? {
            let command = RotateAPIKeyCommand(id: key.id, overlap: overlap, principal: principal)
            guard case .rotated(let key, let text) = try await scene.rotateKey(command) else { return nil }
            return (key, text.reveal())
        }
        func digest(_ text: String) throws -> [UInt8] {
            KeyDigestDouble().digest(of: try #require(APIKeyText(text)).secret.reveal())
        }
        let old = try digest(try #require(first).reveal())
        let (rotated, text) = try #require(try await rotate(.seconds(60), by: maker))
        #expect(rotated.prefix == key.prefix && scene.work.store.apiKeys[key.id] == rotated)
        #expect(try rotated.matches(digest(text)) && !rotated.matches(old))
        #expect(rotated.matchesPrevious(old, at: scene.now))
        #expect(!rotated.matchesPrevious(old, at: scene.now + .seconds(60)))
        #expect(scene.work.store.auditLines.last == "done api_key.rotated")
        let again = try #require(try await rotate(.seconds(90), by: maker)).key
        #expect(again.matchesPrevious(old, at: scene.now + .seconds(89)))
        #expect(try !again.matches(digest(text)) && !again.matchesPrevious(digest(text), at: scene.now))
        let ended = try #require(try await rotate(.zero, by: maker)).key
        #expect(ended.previous == nil)
        // Whoever has the secret acts as the owner.
        let other = scene.administrator(id: SequentialIdentifiers.identifier(800))
        #expect(try await rotate(.zero, by: other) == nil)
        #expect(try await rotate(.zero, by: scene.program(.all)) == nil)
        _ = try await scene.manageKeys.revoke(key.id, by: maker)
        #expect(try await rotate(.zero, by: maker) == nil)
    }
}
