import Shared

/// Reads the audit log.
package protocol AuditLogSearch: Sendable {
    /// The newest first.
    ///
    /// - Parameter page: its cursor is the id of the last line that was seen; another text begins at the start.
    func callAsFunction(
        _ filter: AuditFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<AuditRecord, NewestFirst>
}
