import Audit
import DatabaseSupport
import Lifecycle
import Messaging
import SQL
import Shared
import Synchronization
import TestSupport
import Testing
import Transactions
import UnitOfWorkSuites

@Suite("The unit of work over SQL")
struct SQLUnitOfWorkTests {
    @Test("behaves as every unit of work", arguments: UnitOfWorkBehaviour.all)
    func behaves(_ behaviour: UnitOfWorkBehaviour) async throws {
        try await withNotesHouse { house in
            try await behaviour.check(
                UnitOfWorkSubject(work: house.work, published: house.published, audited: house.audited))
        }
    }

    @Test("what runs after a commit finds it committed, in order, and before the caller has the result")
    func afterCommit() async throws {
        try await withNotesHouse { house in
            let seen = Recorder<String>()
            try await house.work.write { context in
                try context.add("one")
                for number in 1...2 {
                    context.afterCommit {
                        let notes = try? await house.work.read { try $0.notes() }
                        seen.add("\(number) \(notes ?? [])")
                    }
                }
            }
            #expect(seen.all == [#"1 ["one"]"#, #"2 ["one"]"#])
        }
    }

    @Test("nothing runs after work that was rolled back")
    func rolledBack() async throws {
        try await withNotesHouse { house in
            let seen = Recorder<String>()
            await #expect(throws: Unavailable.self) {
                try await house.work.write { context in
                    context.afterCommit { seen.add("ran") }
                    try context.publish(NoteWritten(house.identifiers.next()))
                    throw Unavailable("database", reason: "as the test said")
                }
            }
            #expect(seen.all == [])
            #expect(!house.wakeup.isPending)
        }
    }

    @Test("the relay is woken by a commit that published something, and by no other")
    func signal() async throws {
        try await withNotesHouse { house in
            try await house.work.write { try $0.add("one") }
            #expect(!house.wakeup.isPending)
            try await house.work.write { try $0.publish(NoteWritten(house.identifiers.next())) }
            #expect(house.wakeup.isPending)
        }
    }

    @Test("work that meets a key that another has just taken runs once more, and only that run has effects")
    func uniqueViolation() async throws {
        try await withNotesHouse { house in
            try await house.work.write { try $0.add("taken") }
            let seen = Recorder<String>()
            let result = try await house.work(over: FirstWriteLoses(database: house.database)).write { context in
                context.afterCommit { seen.add("ran") }
                try context.publish(NoteWritten(house.identifiers.next()))
                let notes = try context.notes()
                try context.add("late")
                return notes
            }
            #expect(result == ["taken"])
            #expect(seen.all == ["ran"])
            #expect(try await house.published().count == 1)
            await #expect(throws: ConstraintViolation.self) { try await house.work.write { try $0.add("taken") } }
        }
    }

    @Test("PostgreSQL knows the scope until the transaction ends, and nothing of it in the next")
    func scopes() async throws {
        try await withDatabase(.postgres, NotesHouse.schemas) { database async throws in
            let work = NotesHouse(database: database).work
            let tenant = SequentialIdentifiers.identifier(7)
            let marks: @Sendable (any NotesContext) throws -> [String] = { try $0.scopeMarks() }
            #expect(try await work.write(marks) == ["", ""])
            #expect(try await work.write(in: .tenant(tenant), marks) == [tenant.description, ""])
            #expect(try await work.read(in: .platform(.warmUp), marks) == ["", "warm_up"])
            await #expect(throws: Unavailable.self) {
                try await work.write(in: .tenant(tenant)) { _ in
                    throw Unavailable("database", reason: "as the test said")
                }
            }
            for _ in 0..<20 {
                #expect(try await work.write(marks) == ["", ""])
                #expect(try await work.read(marks) == ["", ""])
            }
        }
    }
}

/// As a database on which somebody else is faster with the same key, once.
private final class FirstWriteLoses: Database {
    private let database: any Database
    private let isFirst = Mutex(true)

    init(database: any Database) {
        self.database = database
    }

    var dialect: Dialect { database.dialect }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        let loses = isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
        return try await database.write { transaction in
            let result = try body(transaction)
            if loses { throw ConstraintViolation(.unique, table: "installation", columns: ["name"]) }
            return result
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func time() async throws -> Timestamp? { try await database.time() }

    func close(by deadline: ContinuousClock.Instant?) async { await database.close(by: deadline) }
}
