import Shared

/// Reads the audit log.
package protocol AuditLogSearch: Sendable {
    /// The newest first.
    func callAsFunction(
        _ filter: AuditFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<AuditRecord, NewestFirst>
}
