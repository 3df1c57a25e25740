import AccountsContract
import Shared
import Synchronization

/// Accounts in memory, by the rules of `UserAdministration`.
package final class UserAdministrationDouble: UserAdministration {
    /// What was changed, in order: `appoint <id>`.
    package struct Call: Sendable, Equatable {
        package let name: String
        package let userID: UserID
        package let actor: Principal
    }

    private struct State {
        var users: [UserID: UserRecord] = [:]
        var calls: [Call] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var calls: [Call] { state.withLock { $0.calls } }
    package func user(_ id: UserID) -> UserRecord? { state.withLock { $0.users[id] } }
    package func set(_ user: UserRecord) { state.withLock { $0.users[user.id] = user } }

    package func find(_ id: UserID) async throws -> UserRecord? { user(id) }

    package func find(email: EmailAddress) async throws -> UserRecord? {
        state.withLock { $0.users.values.first { $0.standing.address.key == email.key } }
    }

    package func setAdministrator(
        _ isAdministrator: Bool, of id: UserID, by actor: Principal
    ) async throws -> SetAdministratorOutcome {
        state.withLock { state in
            guard let user = state.users[id] else { return .unknownUser }
            let others = state.users.values.count { $0.id != id && $0.standing.isAdministrator }
            if !isAdministrator, user.standing.isAdministrator, others == 0 { return .lastAdministrator }
            let changed = user.with(isAdministrator: isAdministrator)
            state.users[id] = changed
            state.calls.append(Call(name: isAdministrator ? "appoint" : "dismiss", userID: id, actor: actor))
            return .set(changed)
        }
    }
}

extension UserRecord {
    /// Somebody with an ordinary account.
    package static func sample(
        _ id: UserID, email: EmailAddress, username: String? = nil, isVerified: Bool = true,
        isAdministrator: Bool = false, at now: Timestamp
    ) -> UserRecord {
        UserRecord(
            standing: UserStanding(
                userID: id, address: email, isActive: true, isVerified: isVerified, isAdministrator: isAdministrator,
                block: nil),
            username: username, firstName: nil, lastName: nil, image: nil, locale: "en", provider: "local",
            createdAt: now, updatedAt: now)
    }

    fileprivate func with(isAdministrator: Bool) -> UserRecord {
        UserRecord(
            standing: UserStanding(
                userID: id, address: standing.address, isActive: standing.isActive, isVerified: standing.isVerified,
                isAdministrator: isAdministrator, block: standing.block),
            username: username, firstName: firstName, lastName: lastName, image: image, locale: locale,
            provider: provider, createdAt: createdAt, updatedAt: updatedAt)
    }
}
