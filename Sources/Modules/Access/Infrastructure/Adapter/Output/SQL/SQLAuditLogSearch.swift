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

    package func callAsFunction(_ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditRecord> {
        try await database.read { try AuditTrail.search(filter, page, in: $0) }
    }
}
