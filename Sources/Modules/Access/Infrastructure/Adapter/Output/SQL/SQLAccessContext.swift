import AccessApplication
import ChangeFeeds
import Shared
import Transactions

/// What a unit of work of Access can reach, over SQL.
struct SQLAccessContext: AccessContext, SQLBackedContext {
    let sql: SQLContext
    /// Hears of changes right after their commit.
    let feed: ChangeFeed<AccessChange>

    var services: any ServiceRepository { SQLServiceRepository(transaction: transaction) }
    var roles: any RoleRepository { SQLRoleRepository(transaction: transaction) }
    var apiKeys: any APIKeyRepository { SQLAPIKeyRepository(transaction: transaction) }
    var entitlements: any EntitlementRepository { SQLEntitlementRepository(transaction: transaction) }
    var serviceAccounts: any ServiceAccountRepository { SQLServiceAccountRepository(transaction: transaction) }
    var keyUses: any KeyUseRepository { SQLKeyUseRepository(transaction: transaction) }

    func changed(_ subject: AccessChange, at now: Timestamp) throws {
        let change = try SQLAccessChanges().add(subject, at: now, in: transaction)
        // Counts were put back in memory already by the use case that changes them.
        sql.afterCommit { [feed] in await feed.committed([change], except: \.isUsage) }
    }
}

extension AccessChange {
    fileprivate var isUsage: Bool { if case .usage = self { true } else { false } }
}
