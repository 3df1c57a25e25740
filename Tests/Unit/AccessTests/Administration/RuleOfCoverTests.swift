import AccessApplication
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("The rule of cover")
struct RuleOfCoverTests {
    private let scene = AdministrationScene()
    private let assignments = RoleAssignmentsDouble()
    private let user = SequentialIdentifiers.identifier(1)

    private func mayAct(_ permissions: String..., isAdministrator: Bool = false) throws -> Bool {
        let principal = scene.administrator(try PermissionSet(texts: permissions, field: ""))
        return try RuleOfCoverService(assignments: assignments, clock: scene.clock)
            .mayAct(principal, on: user, isAdministrator: isAdministrator)
    }

    @Test("a caller may act on somebody whose roles give no more than the caller has")
    func covered() throws {
        #expect(try mayAct("users:write"))
        assignments.set(try AdministrationScene.set("users:read"), of: user)
        #expect(try mayAct("users:*"))
        #expect(try mayAct("users:write") == false)
        assignments.set(try AdministrationScene.set("documents:write", "users:read"), of: user)
        #expect(try mayAct("users:*") == false)
        #expect(try mayAct("users:*", "documents:*"))
    }

    @Test("only who may do everything may act on an administrator")
    func administrators() throws {
        #expect(try mayAct("users:*", "roles:*", isAdministrator: true) == false)
        #expect(try mayAct("*:*", isAdministrator: true))
    }

    @Test("while changes are not heard of, nobody can tell")
    func stale() throws {
        assignments.lose()
        #expect(throws: Unavailable.self) { try mayAct("*:*") }
        #expect(try mayAct("*:*", isAdministrator: true))
    }
}
