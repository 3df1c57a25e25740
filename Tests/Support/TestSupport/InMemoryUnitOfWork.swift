import Shared
import Synchronization

/// What a module's store in memory holds: a value, so that a unit of work changes a copy and keeps or drops it.
package protocol InMemoryStore: Sendable {
    associatedtype Context

    init()

    var traces: WorkTraces { get set }

    /// What one unit of work can reach.
    static func context(_ memory: InMemoryContext<Self>) -> Context
}

/// What every unit of work may leave beside its module's rows.
package struct WorkTraces: Sendable {
    /// A line of the audit log with its moment.
    package struct AuditLine: Sendable, Equatable {
        package let time: Timestamp
        package var entry: AuditEntry
        package let count: Int
    }

    /// What was published, in order.
    package var events: [any DomainEvent] = []
    /// What was written into the audit log, in order.
    package var auditTrail: [AuditLine] = []
    package var acceptedEvents: Set<Identifier> = []

    package init() {}
}

extension InMemoryStore {
    package var events: [any DomainEvent] { traces.events }
    package var auditTrail: [WorkTraces.AuditLine] { traces.auditTrail }
    package var audit: [AuditEntry] { traces.auditTrail.map(\.entry) }
    package var acceptedEvents: Set<Identifier> { traces.acceptedEvents }

    /// The published events of one type.
    package func events<Event: DomainEvent>(of _: Event.Type) -> [Event] { events.compactMap { $0 as? Event } }

    /// `user.created`, `session.revoked` ...
    package var eventTypes: [String] { events.map { type(of: $0).type } }

    /// `done user.registered`, `refused session.open invalid_credentials` ...
    package var auditLines: [String] {
        audit.map { [$0.outcome.rawValue, $0.action, $0.reason].compactMap { $0 }.joined(separator: " ") }
    }
}

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemoryUnitOfWork<Store: InMemoryStore>: UnitOfWork {
    package typealias Context = Store.Context
    package typealias Hook = @Sendable () async throws -> Void

    private struct State {
        var store = Store()
        var writeHooks: [Hook] = []
        var readHooks: [Hook] = []
        var readScopes: [WorkScope] = []
        var writeScopes: [WorkScope] = []
    }

    private let state = Mutex(State())
    private let clock: any WallClock

    /// - Parameter clock: gives the moments of the audit log's lines.
    package init(clock: any WallClock = ManualClock()) {
        self.clock = clock
    }

    package var store: Store { state.withLock { $0.store } }

    /// Whose rows each read and each write was about, in order.
    package var readScopes: [WorkScope] { state.withLock { $0.readScopes } }
    package var writeScopes: [WorkScope] { state.withLock { $0.writeScopes } }
    package var readCount: Int { readScopes.count }
    package var writeCount: Int { writeScopes.count }

    /// Changes what is stored, as another process would.
    package func arrange(_ body: @Sendable (inout Store) -> Void) {
        state.withLock { body(&$0.store) }
    }

    /// Runs something just before the next write begins: what happens between a service's read and its write, or a
    /// failure of the store if it throws.
    package func beforeNextWrite(_ hook: @escaping Hook) {
        state.withLock { $0.writeHooks.append(hook) }
    }

    /// The same before the next read.
    package func beforeNextRead(_ hook: @escaping Hook) {
        state.withLock { $0.readHooks.append(hook) }
    }

    @discardableResult
    package func write<T: Sendable>(
        in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T
    ) async throws -> T {
        let hook = state.withLock { state in
            state.writeScopes.append(scope)
            return state.writeHooks.isEmpty ? nil : state.writeHooks.removeFirst()
        }
        try await hook?()
        return try state.withLock { state in
            let memory = InMemoryContext(state.store, isReadOnly: false, now: clock.now)
            let result = try body(Store.context(memory))
            state.store = memory.store
            return result
        }
    }

    package func read<T: Sendable>(
        in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T
    ) async throws -> T {
        let hook = state.withLock { state in
            state.readScopes.append(scope)
            return state.readHooks.isEmpty ? nil : state.readHooks.removeFirst()
        }
        try await hook?()
        return try state.withLock { state in
            try body(Store.context(InMemoryContext(state.store, isReadOnly: true, now: clock.now)))
        }
    }
}

/// One unit of work on a copy.
package final class InMemoryContext<Store: InMemoryStore> {
    package private(set) var store: Store
    private let isReadOnly: Bool
    private let now: Timestamp

    fileprivate init(_ store: Store, isReadOnly: Bool, now: Timestamp) {
        self.store = store
        self.isReadOnly = isReadOnly
        self.now = now
    }

    package func change<T>(_ body: (inout Store) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }

    fileprivate func audit(_ entry: AuditEntry, count: Int) throws {
        let line = WorkTraces.AuditLine(time: now, entry: entry, count: count)
        try change { $0.traces.auditTrail.append(line) }
    }
}

/// A module's context in memory: it lists its repositories, and has the rest from here.
package protocol InMemoryBackedContext<Store>: UnitOfWorkContext {
    associatedtype Store: InMemoryStore
    var memory: InMemoryContext<Store> { get }
}

extension InMemoryBackedContext {
    package func publish(_ event: some DomainEvent) throws { try memory.change { $0.traces.events.append(event) } }

    package func audit(_ entry: AuditEntry, count: Int) throws { try memory.audit(entry, count: count) }

    package func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try memory.change { $0.traces.acceptedEvents.insert(eventID).inserted }
    }
}
