import Lifecycle
import Messaging
import SQL
import Shared
import __Module__Application

/// Units of work over SQL, with the outbox in the same transaction.
struct SQL__Module__Work: __Module__Work {
    let database: any Database
    let outbox: Outbox
    /// Signalled after a commit, so that events do not wait for the relay's next look.
    let published: Wakeup

    func write<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T {
        let (result, hasPublished) = try await database.write { transaction in
            let context = SQL__Module__Context(transaction: transaction, outbox: outbox)
            let result = try body(context)
            return (result, context.hasPublished)
        }
        if hasPublished { published.signal() }
        return result
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T {
        try await database.read { try body(SQL__Module__Context(transaction: $0, outbox: outbox)) }
    }
}

private final class SQL__Module__Context: __Module__Context {
    private let transaction: any SQLTransaction
    private let outbox: Outbox
    private(set) var hasPublished = false

    init(transaction: any SQLTransaction, outbox: Outbox) {
        self.transaction = transaction
        self.outbox = outbox
    }

    var __module__: any __Entity__Repository { SQL__Entity__Repository(transaction: transaction) }

    func publish(_ event: some DomainEvent) throws {
        try outbox.append(event, in: transaction)
        hasPublished = true
    }
}
