import AccountsContract
import Shared
import Synchronization
import TestSupport

/// Accounts with the people and the mails that a test says.
package final class AccountsFacadeDouble: AccountsFacade {
    private struct State {
        var standings: [UserID: UserStanding] = [:]
        var owners: [String: TokenOwner] = [:]
        var listeners: [@Sendable (UserID) -> Void] = []
        var standingCalls = 0
        var failure: (any Error)?
        var failuresLeft = 0
        var hooks: [@Sendable () async throws -> Void] = []
        var links: [ValidationID: LinkMail] = [:]
        var codes: [SignInCodeID: SignInCodeMail] = [:]
        var changes: [ValidationID: NoticeMail] = [:]
        var notices: [UserID: NoticeMail] = [:]
        var demands: [UserID: StepUpDemand] = [:]
        var obstacles: [UserID: AdministrationObstacle] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// What everything throws from now on; nil for nothing.
    package func fail(with error: (any Error)?) { state.withLock { $0.failure = error } }

    /// So many calls fail from now on.
    package func failNext(_ count: Int) { state.withLock { $0.failuresLeft = count } }

    private func answer<T: Sendable>(_ find: (inout State) -> T) throws -> T {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard state.failuresLeft == 0 else {
                state.failuresLeft -= 1
                throw Unavailable("accounts", reason: "as the test said")
            }
            return find(&state)
        }
    }
}

extension AccountsFacadeDouble {
    /// How often somebody's standing was asked for.
    package var standingCalls: Int { state.withLock { $0.standingCalls } }

    /// Says how somebody stands from now on, and tells who listens.
    package func set(_ standing: UserStanding) { change(standing.userID) { $0.standings[standing.userID] = standing } }

    package func remove(_ id: UserID) { change(id) { $0.standings[id] = nil } }

    private func change(_ id: UserID, _ body: (inout State) -> Void) {
        let listeners = state.withLock { state in
            body(&state)
            return state.listeners
        }
        for listener in listeners { listener(id) }
    }

    /// - Parameter session: the user's own identifier if there is no other.
    package func add(token: String, of id: UserID, session: SessionID? = nil) {
        let caller = SessionCaller(userID: id, sessionID: session ?? SessionID(id.value))
        state.withLock { $0.owners[token] = .caller(caller) }
    }

    /// Runs something between the beginning of the next read of a standing and its end.
    package func duringNextStanding(_ hook: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

    package func owner(accessToken: String) async throws -> TokenOwner? { try answer { $0.owners[accessToken] } }

    package func recallOwner(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenOwner> {
        state.withLock { $0.failure == nil ? MemoryLookup($0.owners[accessToken]) : .unknown }
    }

    package func standing(of id: UserID) async throws -> UserStanding? {
        let (standing, hook) = try answer { state in
            state.standingCalls += 1
            return (state.standings[id], state.hooks.isEmpty ? nil : state.hooks.removeFirst())
        }
        if let hook { try await hook() }
        return standing
    }

    package func standing(at address: EmailAddress) async throws -> UserStanding? {
        try answer { state in state.standings.values.first { $0.address.key == address.key } }
    }

    /// What the person's sessions lack for something grave; nothing, if a test does not say.
    package func demand(_ demand: StepUpDemand?, of id: UserID) { state.withLock { $0.demands[id] = demand } }

    package func stepUpDemand(of caller: SessionCaller, carriesProof: Bool) async throws -> StepUpDemand? {
        try answer { state in
            let demand = state.demands[caller.userID]
            return carriesProof && demand?.needsSecondFactor == false ? nil : demand
        }
    }

    /// What keeps the person from administration; nothing, if a test does not say.
    package func obstruct(_ obstacle: AdministrationObstacle?, of id: UserID) {
        state.withLock { $0.obstacles[id] = obstacle }
    }

    package func administrationObstacle(for caller: SessionCaller) async throws -> AdministrationObstacle? {
        try answer { $0.obstacles[caller.userID] }
    }

    package func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }
}

extension AccountsFacadeDouble {
    /// To whom all mails go.
    package static let recipient = MailRecipient(
        userID: UserID(SequentialIdentifiers.identifier(7_000)), address: EmailAddress("ana@example.com")!,
        locale: "de")

    /// There is a mail with a link that ends in the id.
    package func expect(_ id: ValidationID, createdAt: Timestamp, lifetime: Duration = .seconds(86_400)) {
        let mail = LinkMail(
            recipient: Self.recipient, link: "https://gapura.test/verify?token=\(id)", createdAt: createdAt,
            expiresAt: createdAt + lifetime)
        state.withLock { $0.links[id] = mail }
    }

    package func expect(_ id: SignInCodeID, code: String, createdAt: Timestamp) {
        let mail = SignInCodeMail(
            recipient: Self.recipient, code: code, link: "https://gapura.test/login/link?token=\(id)",
            createdAt: createdAt, expiresAt: createdAt + .seconds(600))
        state.withLock { $0.codes[id] = mail }
    }

    package func expectNotice(ofChange id: ValidationID) {
        state.withLock { $0.changes[id] = NoticeMail(recipient: Self.recipient) }
    }

    package func expectNotice(to id: UserID) {
        state.withLock { $0.notices[id] = NoticeMail(recipient: Self.recipient) }
    }

    /// The proof was used: nothing is to be said any more.
    package func forget(_ id: ValidationID) { state.withLock { $0.links[id] = nil } }

    package func linkMail(for id: ValidationID) async throws -> LinkMail? { try answer { $0.links[id] } }
    package func signInCodeMail(for id: SignInCodeID) async throws -> SignInCodeMail? { try answer { $0.codes[id] } }
    package func emailChangeNotice(for id: ValidationID) async throws -> NoticeMail? { try answer { $0.changes[id] } }
    package func notice(to id: UserID) async throws -> NoticeMail? { try answer { $0.notices[id] } }
}
