import AccountsContract
import Composition

/// What Access needs: the resources of every module, Accounts, and counters.
@dynamicMemberLookup
package struct AccessDependencies: Sendable {
    package let resources: ModuleResources
    package let accounts: AccountsServices
    package let metering: Metering

    package init(_ resources: ModuleResources, accounts: AccountsServices, metering: Metering) {
        self.resources = resources
        self.accounts = accounts
        self.metering = metering
    }

    package subscript<T>(dynamicMember resource: KeyPath<ModuleResources, T>) -> T { resources[keyPath: resource] }
}
