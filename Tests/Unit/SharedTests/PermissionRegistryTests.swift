import Shared
import Testing

@Suite("Declared permissions")
struct PermissionRegistryTests {
    private static let read = DeclaredPermission("notes", "read", reach: .both)
    private static let write = DeclaredPermission("notes", "write", reach: .tenant, isForKeys: false)
    private static let ask = DeclaredPermission("gates", "ask", reach: .platform, hasTargets: true)
    private let registry = PermissionRegistry([read, write, ask])

    private func permission(_ text: String) throws -> Permission { try #require(Permission(text)) }

    @Test("a resource that some module declares is Gapura's own, and so is any wildcard for it")
    func own() throws {
        for text in ["notes:read", "notes:burn", "notes:*", "*:read", "*:*"] {
            #expect(registry.isOwn(try permission(text)), "\(text)")
        }
        #expect(!registry.isOwn(try permission("documents:read")))
    }

    @Test("of an own resource only what is declared means something, on the level that it reaches")
    func objections() throws {
        func isGood(_ text: String, on level: PermissionRegistry.Level) throws -> Bool {
            registry.objection(to: try permission(text), on: level) == nil
        }
        for level: PermissionRegistry.Level in [.platform, .tenant, .any] {
            for text in ["notes:read", "notes:*", "*:burn", "*:*", "documents:burn", "documents:read:1"] {
                #expect(try isGood(text, on: level), "\(text)")
            }
            for text in ["notes:burn", "notes:read:1", "gates:aks"] {
                #expect(try !isGood(text, on: level), "\(text)")
            }
        }
        #expect(try !isGood("notes:write", on: .platform))
        #expect(try isGood("notes:write", on: .tenant) && isGood("notes:write", on: .any))
        #expect(try !isGood("gates:ask:one", on: .tenant))
        #expect(try isGood("gates:ask:one", on: .platform))
        let message = registry.objection(to: try permission("notes:burn"), on: .platform)
        #expect(message?.hasSuffix("this resource has notes:read") == true)
    }

    @Test("a key has of a resource with something for people only what is declared for keys")
    func keys() throws {
        for text in ["notes:read", "gates:ask", "gates:*", "documents:write", "*:read"] {
            #expect(registry.isForKeys(try permission(text)), "\(text)")
        }
        for text in ["notes:write", "notes:burn", "notes:*", "*:write", "*:*"] {
            #expect(!registry.isForKeys(try permission(text)), "\(text)")
        }
    }

    @Test("a key may what it has unless that is for people; the audit log names it without where it came from")
    func principals() {
        let (id, all) = (Identifier(high: 1, low: 2), PermissionSet.all)
        let client = ClientInfo(address: .loopback, userAgent: "Test/1")
        let person = Principal(.session(id), of: id, permissions: all, client: client)
        let key = Principal(.apiKey(id, prefix: "abc"), of: id, permissions: all, client: client)
        #expect(person.may(Self.read) && person.may(Self.write))
        #expect(key.may(Self.read) && !key.may(Self.write))
        #expect(!Principal(.session(id), of: id, permissions: .empty, client: client).may(Self.read))
        #expect(person.auditName == "user:\(id)" && !person.auditPersonal.isEmpty)
        #expect(key.auditName == "api_key:abc" && key.auditPersonal.isEmpty)
    }
}
