import SQL
import Shared
import Testing

@testable import SQL

@Suite("Migrations")
struct MigrationTests {
    private func migration(_ module: String, _ version: Int, sql: String = "SELECT 1") -> Migration {
        Migration(module: module, version: version, name: "step\(version)", sql: sql)
    }

    private func applied(_ migration: Migration) -> AppliedMigration {
        AppliedMigration(
            module: migration.module, version: migration.version, name: migration.name, checksum: migration.checksum)
    }

    private func refusal(_ migrations: [Migration]) -> String? {
        do {
            _ = try MigrationPlan.ordered(migrations)
            return nil
        } catch {
            return (error as? MigrationRefusal).map { "\($0.code.rawValue) \($0.module) \($0.version)" }
        }
    }

    @Test("have the checksum of FNV-1a, with leading zeros")
    func checksum() {
        // Published values of the 64-bit variant.
        #expect(migration("m", 1, sql: "").checksum == "cbf29ce484222325")
        #expect(migration("m", 1, sql: "foobar").checksum == "85944171f73967e8")
        #expect((0..<64).allSatisfy { migration("m", 1, sql: "\($0)").checksum.utf8.count == 16 })
    }

    @Test("are ordered by their modules' first appearance, then by version")
    func order() throws {
        let ordered = try MigrationPlan.ordered([
            migration("b", 2), migration("a", 1), migration("b", 1), migration("b", 10 - 7),
        ])
        #expect(ordered.map { "\($0.module)\($0.version)" } == ["b1", "b2", "b3", "a1"])
    }

    @Test("are refused with a version twice or missing")
    func faultyLists() {
        #expect(refusal([migration("a", 1), migration("a", 1)]) == "migration_duplicate a 1")
        #expect(refusal([migration("a", 1), migration("a", 3)]) == "migration_gap a 2")
        #expect(refusal([migration("a", 2)]) == "migration_gap a 1")
        #expect(refusal([migration("a", 0), migration("a", 1)]) != nil)
        #expect(refusal([]) == nil)
    }

    @Test("that are not applied are pending")
    func pending() {
        let steps = [migration("a", 1), migration("a", 2), migration("b", 1)]
        let plan = MigrationPlan(steps, applied: [applied(steps[0])])
        #expect(plan.refusal == nil)
        #expect(plan.pending == [steps[1], steps[2]])
        #expect(plan.statuses.map(\.state) == [.applied, .pending, .pending])
    }

    @Test("that were changed, skipped or made by a newer program are refused")
    func refused() {
        let steps = [migration("a", 1), migration("a", 2)]
        let changed = MigrationPlan(steps, applied: [applied(migration("a", 1, sql: "SELECT 2"))])
        #expect(changed.refusal?.code == .changed)
        #expect(changed.statuses.map(\.state) == [.changed, .pending])

        let gap = MigrationPlan(steps, applied: [applied(steps[1])])
        #expect(gap.refusal?.code == .gap)
        #expect(gap.refusal?.version == 1)

        let newer = MigrationPlan(steps, applied: (steps + [migration("a", 3)]).map(applied))
        #expect(newer.refusal?.code == .schemaTooNew)
        #expect(newer.refusal?.version == 3)
        #expect(newer.statuses.last?.state == .unknown)
    }

    @Test("of a module that this program does not run are left alone")
    func foreignModule() {
        let plan = MigrationPlan([migration("a", 1)], applied: [applied(migration("z", 1))])
        #expect(plan.refusal == nil)
        #expect(plan.statuses.count == 1)
    }

    @Test("are refused with a stable code in front of the text for people")
    func text() {
        let refusal = MigrationRefusal(code: .schemaTooNew, module: "a", version: 3)
        #expect("\(refusal)".hasPrefix("schema_too_new: migration 3 of a "))
    }
}
