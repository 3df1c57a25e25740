import AccessApplication
import Shared
import Transactions

/// What a unit of work of Access can reach, over SQL.
struct SQLAccessContext: AccessContext, SQLBackedContext {
    let sql: SQLContext
    /// Hears of changes right after their commit.
    let changes: AccessChanges

    var services: any ServiceRepository { SQLServiceRepository(transaction: transaction) }
    var roles: any RoleRepository { SQLRoleRepository(transaction: transaction) }
    var apiKeys: any APIKeyRepository { SQLAPIKeyRepository(transaction: transaction) }
    var entitlements: any EntitlementRepository { SQLEntitlementRepository(transaction: transaction) }

    func changed(_ subject: AccessChange, at now: Timestamp) throws {
        let change = try SQLAccessChanges(transaction: transaction).add(subject, at: now)
        sql.afterCommit { [changes] in await changes.committed([change]) }
    }
}
