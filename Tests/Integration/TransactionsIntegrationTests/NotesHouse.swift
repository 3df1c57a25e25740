import Audit
import DatabaseSupport
import Lifecycle
import Messaging
import SQL
import Shared
import TestSupport
import Transactions
import UnitOfWorkSuites

/// Units of work of a module that keeps notes, over a database of its own.
struct NotesHouse: Sendable {
    let database: any Database
    let clock = ManualClock()
    let identifiers: any IdentifierSource = SequentialIdentifiers()
    let wakeup = Wakeup()

    static let schemas: [TestSchema] = [.installation, .messaging, .audit]

    var work: any UnitOfWork<any NotesContext> { work(over: database) }

    func work(over database: any Database) -> any UnitOfWork<any NotesContext> {
        SQLUnitOfWork(
            "notes", database: database, outbox: Outbox(identifiers: identifiers, clock: clock),
            auditLog: AuditLog(writer: "test", identifiers: identifiers, clock: clock), published: wakeup
        ) { SQLNotesContext(sql: $0) }
    }

    /// The subjects of the published events, in order.
    func published() async throws -> [Identifier] {
        try await database.read { transaction in
            try transaction.query("SELECT subject FROM outbox_events ORDER BY number") { try $0.identifier(0) }
        }
    }

    func audited() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT outcome, action, count FROM audit_entries ORDER BY id") {
                "\(try $0.text(0)) \(try $0.text(1)) \(try $0.integer(2))"
            }
        }
    }
}

/// A house over each database, one after the other.
func withNotesHouse(_ body: (NotesHouse) async throws -> Void) async throws {
    try await withEachDatabase(NotesHouse.schemas) { try await body(NotesHouse(database: $0)) }
}

/// Notes are facts of the installation here, whose names are unique.
private struct SQLNotesContext: NotesContext, SQLBackedContext {
    let sql: SQLContext

    func notes() throws -> [String] {
        try transaction.query("SELECT name FROM installation ORDER BY name") { try $0.text(0) }
    }

    func add(_ note: String) throws {
        try transaction.execute("INSERT INTO installation (name, value) VALUES (\(note), '')")
    }
}

extension NotesContext {
    func afterCommit(_ hook: @escaping SQLContext.CommitHook) { (self as? SQLNotesContext)?.sql.afterCommit(hook) }

    /// What PostgreSQL's policies would read: the tenant, and the name of the platform's work.
    func scopeMarks() throws -> [String] {
        try (self as? SQLNotesContext)?.transaction.query(
            """
            SELECT coalesce(current_setting('gapura.tenant', true), ''),
                coalesce(current_setting('gapura.platform_work', true), '')
            """
        ) { [try $0.text(0), try $0.text(1)] }.first ?? []
    }
}
