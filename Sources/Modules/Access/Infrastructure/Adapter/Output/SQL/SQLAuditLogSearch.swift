import AccessApplication
import Audit
import SQL
import Shared

/// The audit log of the platform.
package struct SQLAuditLogSearch: AuditLogSearch {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    package func callAsFunction(
        _ filter: AuditFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<AuditRecord, NewestFirst> {
        try await database.read { try AuditTrail.search(filter, part, in: $0) }
    }
}
