import AccessApplication
import Shared
import TestSupport

package typealias InMemoryAccessWork = InMemoryUnitOfWork<AccessStore>

extension AccessStore: InMemoryStore {
    package static func context(_ memory: InMemoryContext<AccessStore>) -> any AccessContext {
        InMemoryAccessContext(memory: memory)
    }
}

private struct InMemoryAccessContext: AccessContext, InMemoryBackedContext {
    let memory: InMemoryContext<AccessStore>

    var services: any ServiceRepository { InMemoryServiceRepository(context: memory) }
    var roles: any RoleRepository { InMemoryRoleRepository(context: memory) }
    var apiKeys: any APIKeyRepository { InMemoryAPIKeyRepository(context: memory) }
    var entitlements: any EntitlementRepository { InMemoryEntitlementRepository(context: memory) }

    var serviceAccounts: any ServiceAccountRepository { InMemoryServiceAccountRepository(context: memory) }
    var keyUses: any KeyUseRepository { InMemoryKeyUseRepository(context: memory) }

    func changed(_ subject: AccessChange, at _: Timestamp) throws {
        try memory.change { $0.changes.append(subject) }
    }
}
