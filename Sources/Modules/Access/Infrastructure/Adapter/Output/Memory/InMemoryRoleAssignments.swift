import AccessApplication
import AccessDomain
import Shared
import Synchronization

/// The roles that people have, as they were when they were last read. Those who have one are few: staff. Of two reads
/// at once, the one that began later counts.
final class InMemoryRoleAssignments: RoleAssignments {
    private struct State {
        var permissions: [Identifier: PermissionSet] = [:]
        var lastBegun: UInt64 = 0
        var lastTaken: UInt64 = 0
    }

    private let isCurrent: @Sendable (Timestamp) -> Bool
    private let state = Mutex(State())

    init(isCurrent: @escaping @Sendable (Timestamp) -> Bool) {
        self.isCurrent = isCurrent
    }

    func permissions(of userID: Identifier, at now: Timestamp) -> PermissionSet? {
        guard isCurrent(now) else { return nil }
        return state.withLock { $0.permissions[userID] ?? .empty }
    }

    func reload(_ work: any AccessWork) async throws {
        let number = state.withLock { state in
            state.lastBegun += 1
            return state.lastBegun
        }
        let assignments = try await work.read { try $0.roles.assignments() }
        let permissions = Dictionary(grouping: assignments, by: \.userID).mapValues { held in
            PermissionSet(held.flatMap(\.role.permissions.permissions))
        }
        state.withLock { state in
            guard number > state.lastTaken else { return }
            state.lastTaken = number
            state.permissions = permissions
        }
    }
}
