import Composition
import Crypto

/// What Accounts needs: the resources of every module, and hashing of passwords.
@dynamicMemberLookup
package struct AccountsDependencies: Sendable {
    package let resources: ModuleResources
    package let passwordHashing: PasswordHashing

    package init(_ resources: ModuleResources, passwordHashing: PasswordHashing) {
        self.resources = resources
        self.passwordHashing = passwordHashing
    }

    package subscript<T>(dynamicMember resource: KeyPath<ModuleResources, T>) -> T { resources[keyPath: resource] }
}
