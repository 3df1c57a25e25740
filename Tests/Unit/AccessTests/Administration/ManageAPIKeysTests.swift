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
        expiresAt: Timestamp? = nil
    ) async throws -> CreateAPIKeyOutcome {
        try await scene.manageKeys.create(
            CreateAPIKeyCommand(
                id: APIKeyID(SequentialIdentifiers.identifier(id)),
                draft: APIKeyDraft(name: "backup", scopes: scopes, expiresAt: expiresAt), owner: owner,
                principal: administrator))
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

    @Test("bad fields are told before rights are looked at")
    func invalid() async throws {
        let outcome = try await create(["nonsense"], by: scene.administrator(.empty), expiresAt: scene.now)
        guard case .invalid(let invalid) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(invalid.problems.map(\.field) == ["expires_at", "scopes[0]"])
    }

    @Test("a key for somebody else takes the right to it, and an owner that there is")
    func owners() async throws {
        let ana = try scene.user("ana")
        let documents = try AdministrationScene.set("documents:*")
        #expect(isDenied(try await create(["documents:read"], by: scene.administrator(documents), for: ana)))
        let manager = scene.administrator(try AdministrationScene.set("documents:*", "api_keys:write"))
        #expect(try made(try await create(["documents:read"], by: manager, for: ana)).key.owner.userID == ana.value)
        let nobody = UserID(SequentialIdentifiers.identifier(999))
        guard case .unknownOwner = try await create(["documents:read"], by: manager, for: nobody, id: 501) else {
            Issue.record("not refused")
            return
        }
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
        for number in 1...APIKey.openMax {
            let id = APIKeyID(SequentialIdentifiers.identifier(UInt64(1_000 + number)))
            let key = APIKey(
                id: id, name: "k", prefix: APIKeyText(random: SeededRandom(seed: UInt64(1_000 + number))).prefix,
                hash: [1], owner: .user(maker.userID, in: nil), scopes: .empty, createdAt: scene.now, expiresAt: nil)
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
        let manager = scene.administrator(try AdministrationScene.set("api_keys:*"), id: other)
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
}
