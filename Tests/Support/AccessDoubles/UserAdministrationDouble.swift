import AccountsContract
import Shared
import Synchronization

/// Accounts in memory, by the rules of `UserAdministration`, without mails and passwords.
package final class UserAdministrationDouble: UserAdministration {
    /// What was changed, in order: `block <id>`.
    package struct Call: Sendable, Equatable {
        package let name: String
        package let userID: UserID
        package let actor: Principal
    }

    private struct State {
        var users: [UserID: UserRecord] = [:]
        var sessions: [UserID: [UserSession]] = [:]
        var calls: [Call] = []
        var weakness: PasswordWeakness?
    }

    private let state = Mutex(State())
    private let clock: any WallClock

    package init(clock: any WallClock) {
        self.clock = clock
    }

    package var calls: [Call] { state.withLock { $0.calls } }
    package func user(_ id: UserID) -> UserRecord? { state.withLock { $0.users[id] } }
    package func set(_ user: UserRecord) { state.withLock { $0.users[user.id] = user } }
    package func set(_ sessions: [UserSession], of id: UserID) { state.withLock { $0.sessions[id] = sessions } }
    /// Passwords are too weak from now on.
    package func refusePasswords(_ weakness: PasswordWeakness) { state.withLock { $0.weakness = weakness } }

    package func find(_ id: UserID) async throws -> UserRecord? { user(id) }

    package func search(_ filter: UserFilter, _ page: PageRequest) async throws -> Page<UserRecord> {
        let now = clock.now
        let found = state.withLock { $0.users.values.filter { $0.isFound(by: filter, at: now) } }
        return Page(of: found.sorted { $0.id > $1.id }, page) { $0.id.description }
    }

    package func create(_ command: CreateUserCommand) async throws -> CreateUserOutcome {
        state.withLock { state in
            if let user = state.users[command.id] { return .created(user) }
            if let weakness = state.weakness, command.password != nil { return .weakPassword(weakness) }
            guard !state.users.values.contains(where: { $0.standing.address == command.email }) else {
                return .emailTaken
            }
            let user = UserRecord.sample(
                command.id, email: command.email, username: command.username, isVerified: command.isVerified,
                at: clock.now)
            state.users[user.id] = user
            state.calls.append(Call(name: "create", userID: user.id, actor: command.actor))
            return .created(user)
        }
    }

    package func update(_ command: UpdateUserCommand) async throws -> UpdateUserOutcome {
        let outcome = change("update", command.id, command.actor, losing: command.isActive == false) { user in
            user.with(
                username: command.username.applied(to: user.username),
                isActive: command.isActive ?? user.standing.isActive)
        }
        return switch outcome {
        case .done(let user): .updated(user)
        case .unknown: .unknownUser
        case .last: .lastAdministrator
        }
    }

    package func delete(_ id: UserID, by actor: Principal) async throws -> DeleteUserOutcome {
        switch change("delete", id, actor, losing: true, { $0 }) {
        case .unknown: return .unknownUser
        case .last: return .lastAdministrator
        case .done:
            state.withLock { $0.users[id] = nil }
            return .deleted
        }
    }

    package func block(_ command: BlockUserCommand) async throws -> BlockUserOutcome {
        if let until = command.until, until <= clock.now { return .alreadyOver }
        let block = UserBlock(reason: command.reason, until: command.until)
        return switch change("block", command.id, command.actor, losing: true, { $0.with(block: block) }) {
        case .done(let user): .blocked(user)
        case .unknown: .unknownUser
        case .last: .lastAdministrator
        }
    }

    package func unblock(_ id: UserID, by actor: Principal) async throws -> UnblockUserOutcome {
        switch change("unblock", id, actor, losing: false, { $0.with(block: nil) }) {
        case .done(let user): .unblocked(user)
        case .unknown, .last: .unknownUser
        }
    }

    package func setAdministrator(
        _ isAdministrator: Bool, of id: UserID, by actor: Principal
    ) async throws -> SetAdministratorOutcome {
        let name = isAdministrator ? "appoint" : "dismiss"
        let outcome = change(name, id, actor, losing: !isAdministrator) { $0.with(isAdministrator: isAdministrator) }
        return switch outcome {
        case .done(let user): .set(user)
        case .unknown: .unknownUser
        case .last: .lastAdministrator
        }
    }

    package func sessions(of id: UserID) async throws -> [UserSession]? {
        state.withLock { $0.users[id] == nil ? nil : $0.sessions[id] ?? [] }
    }

    package func revokeSession(
        _ id: SessionID, of userID: UserID, by actor: Principal
    ) async throws -> Bool {
        state.withLock { state in
            guard let index = state.sessions[userID]?.firstIndex(where: { $0.id == id }) else { return false }
            state.sessions[userID]?.remove(at: index)
            state.calls.append(Call(name: "end session", userID: userID, actor: actor))
            return true
        }
    }

    package func revokeSessions(of userID: UserID, by actor: Principal) async throws -> Int? {
        state.withLock { state in
            guard state.users[userID] != nil else { return nil }
            state.calls.append(Call(name: "end sessions", userID: userID, actor: actor))
            return state.sessions.removeValue(forKey: userID)?.count ?? 0
        }
    }

    private enum Outcome {
        case done(UserRecord)
        case unknown
        case last
    }

    /// - Parameter losing: whether an administrator is none any more by it.
    private func change(
        _ name: String, _ id: UserID, _ actor: Principal, losing: Bool, _ body: (UserRecord) -> UserRecord
    ) -> Outcome {
        state.withLock { state in
            guard let user = state.users[id] else { return .unknown }
            let others = state.users.values.count { $0.id != id && $0.standing.isAdministrator }
            if losing, user.standing.isAdministrator, others == 0 { return .last }
            let changed = body(user)
            state.users[id] = changed
            state.calls.append(Call(name: name, userID: id, actor: actor))
            return .done(changed)
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

    fileprivate func with(username: String?, isActive: Bool) -> UserRecord {
        copy(username: username, isActive: isActive, isAdministrator: standing.isAdministrator, block: standing.block)
    }

    fileprivate func with(block: UserBlock?) -> UserRecord {
        copy(
            username: username, isActive: standing.isActive, isAdministrator: standing.isAdministrator, block: block)
    }

    fileprivate func with(isAdministrator: Bool) -> UserRecord {
        copy(
            username: username, isActive: standing.isActive, isAdministrator: isAdministrator, block: standing.block)
    }

    private func copy(username: String?, isActive: Bool, isAdministrator: Bool, block: UserBlock?) -> UserRecord {
        UserRecord(
            standing: UserStanding(
                userID: id, address: standing.address, isActive: isActive, isVerified: standing.isVerified,
                isAdministrator: isAdministrator, block: block),
            username: username, firstName: firstName, lastName: lastName, image: image, locale: locale,
            provider: provider, createdAt: createdAt, updatedAt: updatedAt)
    }

    fileprivate func isFound(by filter: UserFilter, at now: Timestamp) -> Bool {
        let isText = filter.text.map { standing.address.key.contains($0) || username?.contains($0) == true } ?? true
        return isText && filter.isActive ?? standing.isActive == standing.isActive
            && filter.isVerified ?? standing.isVerified == standing.isVerified
            && filter.isBlocked ?? standing.isBlocked(at: now) == standing.isBlocked(at: now)
            && filter.isAdministrator ?? standing.isAdministrator == standing.isAdministrator
    }
}
