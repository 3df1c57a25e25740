import AccessApplication
import AccessDomain
import Shared

/// The roles that people have, as they were when they were last read. Those who have one are few: staff.
final class InMemoryRoleAssignments: RoleAssignments {
    private let isCurrent: @Sendable (Timestamp) -> Bool
    private let permissions = LatestRead<[Identifier: PermissionSet]>([:])

    init(isCurrent: @escaping @Sendable (Timestamp) -> Bool) {
        self.isCurrent = isCurrent
    }

    func permissions(of userID: Identifier, at now: Timestamp) -> PermissionSet? {
        guard isCurrent(now) else { return nil }
        return permissions.withValue { $0[userID] ?? .empty }
    }

    func reload(_ work: any AccessWork) async throws {
        try await permissions.reload {
            let assignments = try await work.read { try $0.roles.assignments() }
            return Dictionary(grouping: assignments, by: \.userID).mapValues { held in
                PermissionSet(held.flatMap(\.role.permissions.permissions))
            }
        }
    }
}
