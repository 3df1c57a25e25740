import AccountsApplication
import Shared
import Synchronization
import TestSupport

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemoryAccountsWork: AccountsWork {
    package typealias Hook = @Sendable () async throws -> Void

    private let state = Mutex(AccountsStore())
    private let writeHooks = Mutex<[Hook]>([])
    private let clock: any WallClock

    /// - Parameter clock: tells the moments of the audit log's lines.
    package init(clock: any WallClock = ManualClock()) {
        self.clock = clock
    }

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
            let context = InMemoryAccountsContext(store, isReadOnly: false, now: clock.now)
            let result = try body(context)
            store = context.store
            return result
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        try state.withLock { try body(InMemoryAccountsContext($0, isReadOnly: true, now: clock.now)) }
    }
}

/// One unit of work on a copy.
final class InMemoryAccountsContext: AccountsContext {
    private(set) var store: AccountsStore
    private let isReadOnly: Bool
    private let now: Timestamp

    init(_ store: AccountsStore, isReadOnly: Bool, now: Timestamp) {
        self.store = store
        self.isReadOnly = isReadOnly
        self.now = now
    }

    var users: any UserRepository { InMemoryUserRepository(context: self) }
    var sessions: any SessionRepository { InMemorySessionRepository(context: self) }
    var validations: any ValidationTokenRepository { InMemoryValidationTokenRepository(context: self) }

    var loginCodes: any LoginCodeRepository { InMemoryLoginCodeRepository(context: self) }
    var loginFailures: any LoginFailureRepository { InMemoryLoginFailureRepository(context: self) }
    var revocations: any RevocationRepository { InMemoryRevocationRepository(context: self) }

    func publish(_ event: some DomainEvent) throws { try change { $0.events.append(event) } }

    func audit(_ entry: AuditEntry) throws {
        let now = now
        try change { $0.auditTrail.append(AccountsStore.AuditLine(time: now, entry: entry)) }
    }

    func auditTrail(about subject: String) throws -> [AuditTrailEntry] {
        store.auditTrail.filter { $0.entry.isAbout(subject) }.reversed().prefix(1_000).map { line in
            AuditTrailEntry(
                time: line.time, actor: line.entry.actor, action: line.entry.action,
                outcome: line.entry.outcome.rawValue,
                reason: line.entry.reason, count: 1, personal: line.entry.personal)
        }
    }

    func eraseAuditData(about subject: String) throws {
        try change { store in
            for index in store.auditTrail.indices where store.auditTrail[index].entry.isAbout(subject) {
                store.auditTrail[index].entry = store.auditTrail[index].entry.withoutPersonalData
            }
        }
    }

    func removeExpired(at now: Timestamp, limit: Int) throws -> Int {
        try change { $0.removeExpired(at: now, limit: limit) }
    }

    func change<T>(_ body: (inout AccountsStore) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }
}

extension AuditEntry {
    fileprivate func isAbout(_ subject: String) -> Bool { self.subject == subject || actor == subject }

    fileprivate var withoutPersonalData: AuditEntry {
        switch outcome {
        case .done: .done(action, by: actor, on: subject)
        case .refused: .refused(action, because: reason ?? "", by: actor, on: subject)
        }
    }
}
