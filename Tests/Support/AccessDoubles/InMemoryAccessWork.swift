import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemoryAccessWork: AccessWork {
    package typealias Hook = @Sendable () async throws -> Void

    private struct State {
        var store = AccessStore()
        var writeHooks: [Hook] = []
        var readHooks: [Hook] = []
        var reads = 0
        var writes = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var store: AccessStore { state.withLock { $0.store } }

    /// How often it was read.
    package var readCount: Int { state.withLock { $0.reads } }
    package var writeCount: Int { state.withLock { $0.writes } }

    /// Changes what is stored, as somebody else would.
    package func arrange(_ body: @Sendable (inout AccessStore) -> Void) {
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

    package func write<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T {
        let hook = state.withLock { state in
            state.writes += 1
            return state.writeHooks.isEmpty ? nil : state.writeHooks.removeFirst()
        }
        if let hook { try await hook() }
        return try state.withLock { state in
            let context = InMemoryAccessContext(state.store, isReadOnly: false)
            let result = try body(context)
            state.store = context.store
            return result
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T {
        let hook = state.withLock { state in
            state.reads += 1
            return state.readHooks.isEmpty ? nil : state.readHooks.removeFirst()
        }
        if let hook { try await hook() }
        return try state.withLock { try body(InMemoryAccessContext($0.store, isReadOnly: true)) }
    }
}

/// One unit of work on a copy.
final class InMemoryAccessContext: AccessContext {
    private(set) var store: AccessStore
    private let isReadOnly: Bool

    init(_ store: AccessStore, isReadOnly: Bool) {
        self.store = store
        self.isReadOnly = isReadOnly
    }

    var services: any ServiceRepository { InMemoryServiceRepository(context: self) }
    var roles: any RoleRepository { InMemoryRoleRepository(context: self) }
    var apiKeys: any APIKeyRepository { InMemoryAPIKeyRepository(context: self) }
    var entitlements: any EntitlementRepository { InMemoryEntitlementRepository(context: self) }

    func changed(_ subject: AccessChange, at now: Timestamp) throws { try change { $0.changes.append(subject) } }

    func publish(_ event: some DomainEvent) throws { try change { $0.events.append(event) } }

    func audit(_ entry: AuditEntry, count: Int) throws {
        try change { $0.auditTrail.append(AccessStore.AuditLine(entry: entry, count: count)) }
    }

    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try change { $0.acceptedEvents.insert(eventID).inserted }
    }

    func change<T>(_ body: (inout AccessStore) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }
}
