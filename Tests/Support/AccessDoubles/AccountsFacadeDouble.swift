import AccountsContract
import Shared
import Synchronization

/// Accounts with the people that a test says.
package final class AccountsFacadeDouble: AccountsFacade {
    private struct State {
        var standings: [UserID: UserStanding] = [:]
        var owners: [String: TokenOwner] = [:]
        var listeners: [@Sendable (UserID) -> Void] = []
        var standingCalls = 0
        var failure: (any Error)?
        var hooks: [@Sendable () async throws -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// How often somebody's standing was asked for.
    package var standingCalls: Int { state.withLock { $0.standingCalls } }

    /// Says how somebody stands from now on, and tells who listens.
    package func set(_ standing: UserStanding) {
        let listeners = state.withLock { state in
            state.standings[standing.userID] = standing
            return state.listeners
        }
        for listener in listeners { listener(standing.userID) }
    }

    package func remove(_ id: UserID) {
        let listeners = state.withLock { state in
            state.standings[id] = nil
            return state.listeners
        }
        for listener in listeners { listener(id) }
    }

    /// - Parameter session: the user's own identifier if there is no other.
    package func add(token: String, of id: UserID, session: SessionID? = nil) {
        let caller = Caller(userID: id, sessionID: session ?? SessionID(id.value))
        state.withLock { $0.owners[token] = .caller(caller) }
    }

    /// What everything throws from now on; nil for nothing.
    package func fail(with error: (any Error)?) { state.withLock { $0.failure = error } }

    /// Runs something between the beginning of the next read of a standing and its end.
    package func duringNextStanding(_ hook: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

    package func owner(accessToken: String) async throws -> TokenOwner? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.owners[accessToken]
        }
    }

    package func recallOwner(accessToken: String, at now: Timestamp) -> Recollection<TokenOwner> {
        state.withLock { $0.failure == nil ? .known($0.owners[accessToken]) : .unknown }
    }

    package func standing(of id: UserID) async throws -> UserStanding? {
        let (standing, hook) = try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.standingCalls += 1
            return (state.standings[id], state.hooks.isEmpty ? nil : state.hooks.removeFirst())
        }
        if let hook { try await hook() }
        return standing
    }

    package func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }

    package func linkMail(for id: ValidationID) async throws -> LinkMail? { nil }
    package func loginCodeMail(for id: LoginCodeID) async throws -> LoginCodeMail? { nil }
    package func emailChangeNotice(for id: ValidationID) async throws -> NoticeMail? { nil }
    package func notice(to id: UserID) async throws -> NoticeMail? { nil }
}
