import Shared
import TestSupport
import Testing

@Suite("Permissions")
struct PermissionTests {
    private func permission(_ text: String) throws -> Permission { try #require(Permission(text)) }

    private func set(_ texts: String...) throws -> PermissionSet { PermissionSet(try texts.map(permission)) }

    @Test(
        "a permission is two or three parts of lower-case letters, digits, _, - and ., or * in the first two",
        arguments: [
            "documents:read", "shop:*", "*:read", "*:*", "access:check:cvmaker", "a:b", "3d.bin-packing:read_all",
            "access:check:3dbinpacking", String(repeating: "a", count: 63) + ":b",
        ])
    func wellFormed(_ text: String) throws {
        #expect(try permission(text).description == text)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", ":", "documents", "documents:", ":read", "a:b:c:d", "a:b:", "a:b:*", "A:b", "a:B", "a b:c", "-a:b",
            "a:_b", "**:a", "a*:b", "a:b*", "a:b\u{301}", "\u{430}:b", "a\u{0}:b", "a:b\n",
            String(repeating: "a", count: 64) + ":b",
        ])
    func malformed(_ text: String) {
        #expect(Permission(text) == nil)
    }

    @Test("a wildcard grants what it stands for and nothing else")
    func wildcards() throws {
        #expect(try permission("shop:*").grants(permission("shop:read")))
        #expect(try !permission("shop:*").grants(permission("shops:read")))
        #expect(try permission("*:read").grants(permission("shop:read")))
        #expect(try !permission("*:read").grants(permission("shop:write")))
        #expect(try permission("*:*").grants(permission("access:check:cvmaker")))
        #expect(try !permission("shop:read").grants(permission("shop:*")))
        #expect(try !permission("shop:*").grants(permission("*:*")))
    }

    @Test("without a target a permission is for all of them, with one for that only")
    func targets() throws {
        #expect(try permission("access:check").grants(permission("access:check:cvmaker")))
        #expect(try permission("access:check:cvmaker").grants(permission("access:check:cvmaker")))
        #expect(try !permission("access:check:cvmaker").grants(permission("access:check:jobportal")))
        #expect(try !permission("access:check:cvmaker").grants(permission("access:check")))
    }

    @Test("a set has no permission twice and none that another covers, whatever the order")
    func normalForm() throws {
        let left = try set("shop:read", "shop:*", "a:b", "shop:read:x", "a:b")
        let right = try set("a:b", "shop:*")
        #expect(left == right)
        #expect(left.permissions.map(\.description) == ["a:b", "shop:*"])
    }

    @Test("nobody grants a permission that he does not have, wildcards included")
    func covering() throws {
        let manager = try set("shop:*", "documents:read")
        #expect(try manager.covers(set("shop:write", "documents:read:42")))
        #expect(try manager.covers(set("shop:*")))
        #expect(try !manager.covers(set("documents:*")))
        #expect(try !manager.covers(set("*:read")))
        #expect(try !manager.covers(set("shop:read", "audit:read")))
        #expect(manager.covers(.empty))
        #expect(try !PermissionSet.empty.covers(set("shop:read")))
    }

    @Test("what two sets share grants exactly what both grant")
    func intersection() throws {
        var generator = SeededGenerator(seed: 5)
        let names = ["a", "b", "c", "*"]
        func random(_ names: [String]) throws -> Permission {
            let target = Int.random(in: 0..<3, using: &generator)
            let text = [names.randomElement(using: &generator), names.randomElement(using: &generator)]
                .compactMap { $0 }.joined(separator: ":")
            return try permission(target == 0 ? text + ":t" : target == 1 ? text + ":u" : text)
        }
        for round in 0..<500 {
            let left = PermissionSet(try (0..<3).map { _ in try random(names) })
            let right = PermissionSet(try (0..<3).map { _ in try random(names) })
            let both = left.intersection(right)
            for _ in 0..<20 {
                let asked = try random(names)
                #expect(
                    both.grants(asked) == (left.grants(asked) && right.grants(asked)), "round \(round), \(asked)")
            }
            #expect(left.covers(both) && right.covers(both), "round \(round)")
        }
    }
}
