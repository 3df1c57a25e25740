import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("API keys")
struct APIKeyTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)

    private func set(_ texts: String...) throws -> PermissionSet { try PermissionSet(texts: texts, field: "f") }

    private func key(scopes: PermissionSet = .empty, expiresAt: Timestamp? = nil) -> APIKey {
        let text = APIKeyText(random: SeededRandom())
        return APIKey(
            id: identifiers.next(), name: "backend", prefix: text.prefix, hash: [UInt8](0..<32),
            owner: .user(identifiers.next(), in: nil), services: .none, scopes: scopes, createdAt: now,
            expiresAt: expiresAt)
    }

    private func read(_ bytes: [UInt8]) -> APIKeyText? { APIKeyText(bytes.span) }

    private func isMeant(_ text: String) -> Bool { APIKeyText.isMeant(text.utf8.span) }

    @Test("a made key is read again: the same prefix, the same secret")
    func roundTrip() throws {
        for seed in 1...200 {
            let made = APIKeyText(random: SeededRandom(seed: UInt64(seed)))
            let text = made.text.reveal()
            let read = try #require(APIKeyText(text), "seed \(seed)")
            #expect(read.prefix == made.prefix)
            #expect(read.secret.reveal() == made.secret.reveal())
            #expect(text.wholeMatch(of: /gpk_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}/) != nil)
            #expect(text.dropFirst(4).prefix(10) == made.prefix.description)
            #expect(APIKeyPrefix(made.prefix.description) == made.prefix)
        }
    }

    @Test("a scanner knows a key by CRC-32 in base 62 over all that is before it, as zlib counts it")
    func checksum() {
        // By Python: zlib.crc32(b"gpk_0123456789_" + b"A" * 32), in base 62 with six digits.
        #expect(APIKeyText("gpk_0123456789_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2uGTSg") != nil)
    }

    @Test("one wrong character anywhere, a missing or an added one, and it is no key")
    func strictness() {
        let text = Array(APIKeyText(random: SeededRandom(seed: 3)).text.reveal().utf8)
        for index in text.indices {
            for byte in [UInt8(ascii: "0"), UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0, 0xFF]
            where byte != text[index] {
                var changed = text
                changed[index] = byte
                #expect(read(changed) == nil, "\(index): \(byte)")
            }
            #expect(read(Array(text[..<index] + text[(index + 1)...])) == nil)
        }
        #expect(read(text + [0x30]) == nil)
        #expect(APIKeyText("") == nil)
    }

    /// With a checksum that is right, bit by bit as ISO 3309 has it.
    private func sealed(_ body: String) -> String {
        let rest = body.utf8.reduce(~UInt32(0)) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var checksum = ""
        var number = ~rest
        for _ in 0..<6 {
            checksum = "\(digits[Int(number % 62)])\(checksum)"
            number /= 62
        }
        return body + checksum
    }

    @Test(
        "a right checksum does not make a key of what has another form",
        arguments: [
            ("gpk_0123456789_", true), ("gpx_0123456789_", false), ("GPK_0123456789_", false),
            ("gpk-0123456789_", false), ("gpk_01234-6789_", false), ("gpk_0123456789-", false),
            ("gpk_012345678__", false), ("gpk_0123456789_!", false), ("gpk_0123456789_\u{0}", false),
        ])
    func form(_ head: String, _ isKey: Bool) {
        let body = head + String(repeating: "A", count: 47 - head.utf8.count)
        #expect((APIKeyText(sealed(body)) != nil) == isKey)
    }

    @Test("two neighbours changed places are found too")
    func swaps() {
        let text = Array(APIKeyText(random: SeededRandom(seed: 4)).text.reveal().utf8)
        for index in 1..<text.count where text[index] != text[index - 1] {
            var changed = text
            changed.swapAt(index, index - 1)
            #expect(read(changed) == nil, "\(index)")
        }
    }

    @Test("every digit is as likely as any other")
    func uniform() {
        let random = SeededRandom(seed: 9)
        var counts: [UInt8: Int] = [:]
        for _ in 0..<2_000 {
            for byte in APIKeyText(random: random).secret.reveal() { counts[byte, default: 0] += 1 }
        }
        #expect(counts.count == 62)
        // 64,000 digits: 1,032 each on average, with a standard deviation of 32.
        #expect(counts.values.allSatisfy { (850...1_220).contains($0) })
    }

    @Test("a key is not printed")
    func notPrinted() {
        let key = APIKeyText(random: SeededRandom())
        #expect(!"\(key)".contains(String(decoding: key.secret.reveal(), as: UTF8.self)))
        #expect(!String(reflecting: key.text).contains("gpk_"))
    }

    @Test("what begins like a key is meant as one")
    func meant() {
        #expect(isMeant("gpk_x"))
        #expect(!isMeant("gpk"))
        #expect(!isMeant("eyJhbGciOi"))
    }

    @Test(
        "a prefix is ten digits of base 62",
        arguments: ["", "012345678", "01234567890", "012345678_", "\u{e9}12345678"])
    func badPrefix(_ text: String) {
        #expect(APIKeyPrefix(text) == nil)
    }

    @Test("a digest matches only if all of its bytes do")
    func digest() {
        let key = key()
        #expect(key.matches([UInt8](0..<32)))
        for index in 0..<32 {
            var other = [UInt8](0..<32)
            other[index] ^= 1
            #expect(!key.matches(other))
        }
        #expect(!key.matches([]))
        #expect(!key.matches([UInt8](0..<31)))
    }

    @Test("a key ends at its moment, or when it is revoked, once")
    func states() {
        var key = key(expiresAt: now + .seconds(10))
        #expect(key.state(at: now) == .open)
        #expect(key.state(at: now + .seconds(10)) == .expired)
        let revocations = [key.revoke(at: now), key.revoke(at: now + .seconds(5))]
        #expect(revocations == [true, false])
        #expect(key.revokedAt == now)
        #expect(key.state(at: now + .seconds(10)) == .revoked)
    }

    @Test("a use is noted at most once a minute")
    func lastUse() {
        var key = key()
        let uses = [key.noteUse(at: now), key.noteUse(at: now + .seconds(59))]
        #expect(uses == [true, false])
        #expect(key.lastUsedAt == now)
        let later = key.noteUse(at: now + .seconds(60))
        #expect(later)
        #expect(key.lastUsedAt == now + .seconds(60))
    }

    @Test("a key acts with its scopes within what its owner may do now")
    func rights() throws {
        let key = key(scopes: try set("documents:*", "shop:read"))
        let tenant = TenantID(identifiers.next())
        let owner = CallerRights(platform: try set("shop:*"), tenantID: tenant, tenant: try set("documents:read"))
        let rights = key.rights(within: owner)
        #expect(rights.passes(try #require(Permission("shop:read")), .ofTests))
        #expect(!rights.passes(try #require(Permission("shop:write")), .ofTests))
        #expect(rights.passes(try #require(Permission("documents:read")), .ofTests))
        #expect(!rights.passes(try #require(Permission("documents:write")), .ofTests))
        #expect(rights.tenantID == tenant)
        let demoted = key.rights(within: .none)
        #expect(!demoted.passes(try #require(Permission("shop:read")), .ofTests))
    }

    @Test("a key manages neither accounts nor roles nor keys, whatever its scopes and its owner")
    func management() throws {
        let registry = PermissionRegistry.ofTests
        for permission in [AccountsPermission.usersWrite, AccessPermission.rolesWrite, AccessPermission.apiKeysWrite] {
            #expect(!registry.isForKeys(permission.permission))
        }
        for text in ["*:*", "*:write", "users:*", "roles:delete", "users:write:ana"] {
            #expect(!registry.isForKeys(try #require(Permission(text))), "\(text)")
        }
        for text in ["*:read", "users:read", "api_keys:read", "services:write", "documents:write", "services:*"] {
            #expect(registry.isForKeys(try #require(Permission(text))), "\(text)")
        }
    }

    @Test("a service's key asks about that service only")
    func checkScope() throws {
        let rights = key(scopes: try set("access:check:cvmaker")).rights(within: CallerRights(platform: .all))
        #expect(rights.allows(.check(try #require(ServiceSlug("cvmaker"))), on: nil))
        #expect(!rights.allows(.check(try #require(ServiceSlug("jobportal"))), on: nil))
        #expect(!rights.allows(AccessPermission.check.permission, on: nil))
    }

    @Test("a key as it is wanted: every bad field at once")
    func draft() throws {
        let good = try APIKeyDraft(
            name: "backend", services: ["shop", "cvmaker", "*"], scopes: ["a:b"], expiresAt: now + .seconds(1)
        ).validated(at: now, .ofTests)
        #expect(good.kind == .personal && good.services.texts == ["*", "cvmaker", "shop"])
        #expect(try good.scopes == set("a:b"))
        #expect(try APIKeyDraft(name: "backend", services: ["shop"]).validated(at: now, .ofTests).scopes.isEmpty)
        let error = #expect(throws: InvalidFields.self) {
            try APIKeyDraft(name: "", services: ["Shop"], scopes: ["a:b", "c"], expiresAt: now)
                .validated(at: now, .ofTests)
        }
        #expect(error?.problems.map(\.field) == ["name", "expires_at", "scopes[1]", "services[0]"])
        let unseen = #expect(throws: InvalidFields.self) {
            try APIKeyDraft(name: "back\u{202E}dne", services: ["Shop"]).validated(at: now, .ofTests)
        }
        #expect(unseen?.problems.map(\.field) == ["name", "services[0]"])
        #expect(unseen?.problems.first?.message.contains("invisible") == true)
        let unknown = #expect(throws: InvalidFields.self) {
            try APIKeyDraft(name: "backend", services: ["gapura"], scopes: ["users:read", "usage:raed"])
                .validated(at: now, .ofTests)
        }
        #expect(unknown?.problems.map(\.field) == ["scopes[1]"])
        let none = #expect(throws: InvalidFields.self) {
            try APIKeyDraft(name: "backend", scopes: ["a:b"]).validated(at: now, .ofTests)
        }
        #expect(none?.problems.map(\.field) == ["services"])
    }

    @Test("a gateway's key has the services that it asks about, as services or as scopes, and nothing else")
    func gateways() throws {
        let listed = try APIKeyDraft(name: "nginx", kind: .gateway, services: ["shop", "news"]).validated(
            at: now, .ofTests)
        #expect(try listed.scopes == set("access:check:news", "access:check:shop"))
        let inferred = try APIKeyDraft(name: "nginx", scopes: ["access:check:shop"]).validated(at: now, .ofTests)
        #expect(inferred.kind == .gateway && inferred.services.texts == ["shop"])
        let every = try APIKeyDraft(name: "nginx", scopes: ["access:check"]).validated(at: now, .ofTests)
        #expect(every.kind == .gateway && every.services.texts == ["*"])
        let personal = try APIKeyDraft(name: "own", services: ["shop"], scopes: ["access:check:shop"]).validated(
            at: now, .ofTests)
        #expect(personal.kind == .personal)
        let bad: [(APIKeyDraft, [String])] = [
            (APIKeyDraft(name: "nginx", kind: .gateway), ["services"]),
            (APIKeyDraft(name: "nginx", kind: .gateway, services: ["gapura"]), ["services"]),
            (APIKeyDraft(name: "nginx", kind: .gateway, services: ["shop"], scopes: ["a:b"]), ["scopes"]),
        ]
        for (draft, fields) in bad {
            let error = #expect(throws: InvalidFields.self) { try draft.validated(at: now, .ofTests) }
            #expect(error?.problems.map(\.field) == fields)
        }
    }

    @Test("every service does not include Gapura's own API, which is listed by name")
    func listedServices() throws {
        let (shop, every) = (try #require(ServiceSlug("shop")), try KeyServices(texts: ["*"], field: "services"))
        #expect(every.includes(shop) && !every.includes(.gapura))
        #expect(try KeyServices(texts: ["*", "gapura"], field: "services").includes(.gapura))
        #expect(!KeyServices([.gapura]).includes(shop))
        #expect(every.union(KeyServices([shop])).removing(shop) == every)
        #expect(KeyServices.none.isEmpty && !every.isEmpty)
    }

    @Test("a key of the version before is a gateway's if all it has is the right to ask; any other opens nothing")
    func adopted() throws {
        let owner = APIKey.Owner.user(identifiers.next(), in: nil)
        let gateway = APIKey.adopted(owner: owner, scopes: try set("access:check:shop", "access:check:news"))
        #expect(gateway.owner == .platform && gateway.services.texts == ["news", "shop"])
        let every = APIKey.adopted(owner: owner, scopes: try set("access:check"))
        #expect(every.owner == .platform && every.services.texts == ["*"])
        for scopes in [try set("access:check:shop", "a:b"), try set("access:*"), try set("*:*"), .empty] {
            let kept = APIKey.adopted(owner: owner, scopes: scopes)
            #expect(kept.owner == owner && kept.services.isEmpty)
        }
    }
}
