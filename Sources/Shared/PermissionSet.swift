/// Rights, in a normal form: no right twice, none that another of them covers, sorted by text.
package struct PermissionSet: Sendable, Equatable {
    /// How many rights a role or a key may list.
    package static let countMax = 256

    package let permissions: [Permission]
    /// In the same order.
    private let outlines: [Permission.Outline]

    package static let empty = PermissionSet([])
    package static let all = PermissionSet([.any])

    package init(_ permissions: some Sequence<Permission>) {
        let unique = Set(permissions)
        self.permissions = unique.filter { one in !unique.contains { $0 != one && $0.grants(one) } }.sorted()
        outlines = self.permissions.map(Permission.Outline.init)
    }

    package static func == (left: PermissionSet, right: PermissionSet) -> Bool {
        left.permissions == right.permissions
    }

    package var isEmpty: Bool { permissions.isEmpty }

    /// Whether the right is among these, by itself or by a wildcard. Allocates nothing: a walk over a short list.
    package func grants(_ permission: Permission) -> Bool {
        for index in outlines.indices where outlines[index].mayGrant(permission) {
            if permissions[index].grants(permission) { return true }
        }
        return false
    }

    /// Whether who has these may hand out those: nobody grants a right that he does not have.
    package func covers(_ other: PermissionSet) -> Bool { other.permissions.allSatisfy(grants) }

    package func union(_ other: PermissionSet) -> PermissionSet { PermissionSet(permissions + other.permissions) }

    /// What both grant.
    package func intersection(_ other: PermissionSet) -> PermissionSet {
        PermissionSet(permissions.flatMap { one in other.permissions.compactMap(one.intersection) })
    }

    package func filter(_ isKept: (Permission) -> Bool) -> PermissionSet { PermissionSet(permissions.filter(isKept)) }
}
