import AccessDomain
import Shared
import Testing

@Suite("Permissions from texts")
struct PermissionSetTextsTests {
    @Test("texts become a set, or every bad one is named")
    func texts() throws {
        #expect(
            try PermissionSet(texts: ["a:b"], field: "permissions") == PermissionSet([try #require(Permission("a:b"))]))
        let error = #expect(throws: InvalidFields.self) {
            try PermissionSet(texts: ["a:b", "nonsense", "x:y", ""], field: "scopes")
        }
        #expect(error?.problems.map(\.field) == ["scopes[1]", "scopes[3]"])
        #expect(throws: InvalidFields.self) {
            try PermissionSet(texts: Array(repeating: "a:b", count: 257), field: "scopes")
        }
    }

    @Test("the permission to ask about a service names the service")
    func check() throws {
        #expect(Permission.check(try #require(ServiceSlug("cvmaker"))).description == "access:check:cvmaker")
        #expect(AccessPermission.check.permission.grants(.check(try #require(ServiceSlug("3d_x-1")))))
    }
}
