import AccessApplication
import AccessContract
import Audit
import SQL
import Shared

/// Refused decisions in the audit log.
struct SQLRecordedRefusals: RecordedRefusals {
    let database: any Database

    func find(_ id: DecisionID) async throws -> RecordedRefusal? {
        try await database.read { try AuditTrail.find(reference: id.value, in: $0) }.flatMap(RefusalEntry.refusal)
    }
}
