import Shared

/// The unit of work: everything inside happens once or not at all.
package protocol AccountsWork: Sendable {
    /// Runs `body` on the store's own thread, in one transaction. It may run again after a conflict, so it has no
    /// other effect. What it throws rolls back; a refusal that leaves a trace is therefore returned.
    func write<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T

    /// Runs `body` on a consistent view, without changing it.
    func read<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T
}

/// What a unit of work can reach. Not sendable: it cannot leave the closure.
package protocol AccountsContext {
    var users: any UserRepository { get }
    var sessions: any SessionRepository { get }
    var validations: any ValidationTokenRepository { get }
    var loginCodes: any LoginCodeRepository { get }
    var loginFailures: any LoginFailureRepository { get }
    var revocations: any RevocationRepository { get }

    /// Tells others, if this work commits.
    func publish(_ event: some DomainEvent) throws
    func audit(_ entry: AuditEntry) throws
    /// The log's newest lines about somebody, at most a thousand.
    func auditTrail(about subject: String) throws -> [AuditTrailEntry]
    /// Forgets the personal data in the log's lines about somebody.
    func eraseAuditData(about subject: String) throws

    /// Removes sessions, tokens, codes, counters and revocations whose time is over.
    ///
    /// - Parameter limit: of each kind.
    /// - Returns: how many.
    func removeExpired(at now: Timestamp, limit: Int) throws -> Int
}
