import AccountsApplication
import AccountsContract
import Synchronization

/// Passes changes of people's standing on to who wants to hear of them.
final class UserChangeListeners: UserChanges {
    private struct State {
        var listeners: [@Sendable (UserID) -> Void] = []
        /// The rows of the last read: each is read several times and told once.
        var told: Set<Int> = []
    }

    private let state = Mutex(State())

    func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }

    /// What this process changed itself.
    func tell(_ users: [UserID]) {
        guard !users.isEmpty else { return }
        let listeners = state.withLock { $0.listeners }
        for user in users {
            for listener in listeners { listener(user) }
        }
    }

    /// What one read found of all processes, by the numbers of the rows. It looks back at least as far as the one
    /// before it, but for rows that are too old to come again.
    func noteRead(_ rows: [(number: Int, user: UserID)]) {
        let users = state.withLock { state in
            let new = rows.filter { !state.told.contains($0.number) }
            state.told = Set(rows.map(\.number))
            return new.map(\.user)
        }
        tell(users)
    }
}
