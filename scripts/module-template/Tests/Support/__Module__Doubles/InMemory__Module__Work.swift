import Shared
import Synchronization
import __Module__Application
import __Module__Contract
import __Module__Domain

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct __Module__Store: Sendable {
    package var __module__: [__Entity__ID: __Entity__] = [:]
    package var events: [any DomainEvent] = []

    package init() {}

    package var eventTypes: [String] { events.map { type(of: $0).type } }
}

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemory__Module__Work: __Module__Work {
    private let state = Mutex(__Module__Store())
    private let writeHooks = Mutex<[@Sendable () async throws -> Void]>([])

    package init() {}

    package var store: __Module__Store { state.withLock { $0 } }

    /// Runs something just before the next write begins; a failure of the store if it throws.
    package func beforeNextWrite(_ hook: @escaping @Sendable () async throws -> Void) {
        writeHooks.withLock { $0.append(hook) }
    }

    package func write<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T {
        if let hook = writeHooks.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { try await hook() }
        return try state.withLock { store in
            let context = InMemory__Module__Context(store, isReadOnly: false)
            let result = try body(context)
            store = context.store
            return result
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T {
        try state.withLock { try body(InMemory__Module__Context($0, isReadOnly: true)) }
    }
}

/// One unit of work on a copy.
private final class InMemory__Module__Context: __Module__Context, __Entity__Repository {
    private(set) var store: __Module__Store
    private let isReadOnly: Bool

    init(_ store: __Module__Store, isReadOnly: Bool) {
        self.store = store
        self.isReadOnly = isReadOnly
    }

    var __module__: any __Entity__Repository { self }

    func find(_ id: __Entity__ID) throws -> __Entity__? { store.__module__[id] }

    func insert(_ __entity__: __Entity__) throws -> Bool {
        try change { store in
            guard !store.__module__.values.contains(where: { $0.title == __entity__.title }) else { return false }
            store.__module__[__entity__.id] = __entity__
            return true
        }
    }

    func publish(_ event: some DomainEvent) throws { try change { $0.events.append(event) } }

    private func change<T>(_ body: (inout __Module__Store) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }
}
