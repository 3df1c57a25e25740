import AccessApplication
import AccessPortSuites
import ChangeFeeds
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The store of Access, over each adapter")
struct AccessPortSuiteTests {
    @Test("SQL behaves as every store of Access", arguments: AccessWorkBehaviour.all)
    func sql(_ behaviour: AccessWorkBehaviour) async throws {
        try await withAccessHouse { house in
            let work = AccessAdapters(try house.dependencies()).work
            try await behaviour.check(
                AccessWorkSubject(
                    work: work, changes: { try await house.changes() }, isViolation: { $0 is ConstraintViolation }))
        }
    }
}

extension AccessHouse {
    func texts(_ statement: Statement) async throws -> [String] {
        try await database.read { try $0.query(statement) { try $0.text(0) } }
    }

    func audited() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT action, count FROM audit_entries ORDER BY id") {
                "\(try $0.text(0)) \(try $0.integer(1))"
            }
        }
    }

    func changes() async throws -> [AccessChange] {
        try await database.read {
            try SQLAccessChanges().changes(since: Timestamp(milliseconds: 0), at: clock.now, in: $0).map(\.change)
        }
    }
}
