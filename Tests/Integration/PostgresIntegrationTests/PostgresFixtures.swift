import Dispatch
import Postgres
import PostgresSupport
import SQL
import Shared

extension Database {
    /// The table `notes(id, text)`, empty.
    func makeNotes() async throws {
        try await write { try $0.execute("CREATE TABLE notes (id bigserial PRIMARY KEY, text text NOT NULL UNIQUE)") }
    }

    func notes() async throws -> [String] {
        try await read { try $0.query("SELECT text FROM notes ORDER BY id") { try $0.text(0) } }
    }

    func integer(_ statement: Statement) async throws -> Int? {
        try await read { try $0.first(statement) { try $0.integer(0) } }
    }
}

extension SQLTransaction {
    func note(_ text: String) throws { try execute("INSERT INTO notes (text) VALUES (\(text))") }
    func submitNote(_ text: String) throws { try submit("INSERT INTO notes (text) VALUES (\(text))") }
    func processID() throws -> Int { try first("SELECT pg_backend_pid()") { try $0.integer(0) } ?? 0 }
}

/// A step of one task that others wait for, or a thread of the driver.
struct Step: Sendable {
    private let steps = AsyncStream.makeStream(of: Void.self)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Lets one task and one thread go on.
    func reach() {
        steps.continuation.yield()
        semaphore.signal()
    }

    func task() async { for await _ in steps.stream { return } }
    /// Only on a thread of the driver, which no other task needs.
    func block() { semaphore.wait() }
}

struct PlannedFailure: Error {}
