import AccountsApplication
import Shared
import Synchronization

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemoryAccountsWork: AccountsWork {
    package typealias Hook = @Sendable () async throws -> Void

    private let state = Mutex(AccountsStore())
    private let writeHooks = Mutex<[Hook]>([])

    package init() {}

    package var store: AccountsStore { state.withLock { $0 } }

    /// Changes what is stored, as somebody else would.
    package func arrange(_ body: @Sendable (inout AccountsStore) -> Void) {
        state.withLock { body(&$0) }
    }

    /// Runs something just before the next write begins: what happens between a service's read and its write, or a
    /// failure of the store if it throws.
    package func beforeNextWrite(_ hook: @escaping Hook) {
        writeHooks.withLock { $0.append(hook) }
    }

    package func write<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        if let hook = writeHooks.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { try await hook() }
        return try state.withLock { store in
            let context = InMemoryAccountsContext(store, isReadOnly: false)
            let result = try body(context)
            store = context.store
            return result
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        try state.withLock { try body(InMemoryAccountsContext($0, isReadOnly: true)) }
    }
}

/// One unit of work on a copy.
final class InMemoryAccountsContext: AccountsContext {
    private(set) var store: AccountsStore
    private let isReadOnly: Bool

    init(_ store: AccountsStore, isReadOnly: Bool) {
        self.store = store
        self.isReadOnly = isReadOnly
    }

    var users: any UserRepository { InMemoryUserRepository(context: self) }
    var sessions: any SessionRepository { InMemorySessionRepository(context: self) }
    var validations: any ValidationTokenRepository { InMemoryValidationTokenRepository(context: self) }

    func publish(_ event: some DomainEvent) throws { try change { $0.events.append(event) } }
    func audit(_ entry: AuditEntry) throws { try change { $0.audit.append(entry) } }

    func change<T>(_ body: (inout AccountsStore) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }
}
