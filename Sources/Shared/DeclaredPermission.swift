/// A permission that a module of Gapura asks for, as the module declares it. What other services ask for is not
/// declared: their resources are any that Gapura does not have itself.
package struct DeclaredPermission: Sendable, Hashable, CustomStringConvertible {
    /// On whose rows it counts.
    package enum Reach: Sendable {
        /// On those of the platform: roles of the platform list it, a tenant's roles do not.
        case platform
        /// On those of one tenant: a tenant's roles list it, roles of the platform do not.
        case tenant
        /// On the platform's by a role of the platform, on a tenant's by a role of that tenant.
        case both
    }

    package let permission: Permission
    package let reach: Reach
    /// False for what people alone may do: a key never has it, whatever its scopes say.
    package let isForKeys: Bool
    /// Whether it can be had for one thing only, which a third part names: `access:check:cvmaker`.
    package let hasTargets: Bool

    /// - Parameters:
    ///   - resource: in lower case, such as `users`; a wildcard or another text that is no name ends the process.
    ///   - action: the same, such as `read`.
    package init(
        _ resource: StaticString, _ action: StaticString, reach: Reach, isForKeys: Bool = true,
        hasTargets: Bool = false
    ) {
        guard let permission = Permission("\(resource):\(action)"), !permission.hasWildcard else {
            preconditionFailure("\(resource):\(action) is not a permission")
        }
        self.permission = permission
        self.reach = reach
        self.isForKeys = isForKeys
        self.hasTargets = hasTargets
    }

    /// Whether whoever has it can only look, and change nothing.
    package var isForReading: Bool {
        Self.readingActions.contains { permission.isOf(action: $0) }
    }

    private static let readingActions = ["read", "explain", "check"]

    package var description: String { permission.description }
}
