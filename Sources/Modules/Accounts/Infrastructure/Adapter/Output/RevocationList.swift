import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Synchronization

/// The revocations that matter now, in memory. Only entries whose tokens may still be out are kept.
final class RevocationList: RevocationView {
    /// Hear of the revocations of users, which are not kept here: they refuse no token.
    let users = UserChangeListeners()

    private struct State {
        var until: [Revocation.Subject: Timestamp] = [:]
        var lastRead: Timestamp?

        mutating func add(_ revocations: [Revocation]) {
            for revocation in revocations where revocation.user == nil {
                until[revocation.subject] = revocation.until
            }
        }
    }

    private let state = Mutex(State())

    /// Without a successful read for so long this process does not know.
    private static let patience: Duration = .seconds(2)

    func verdict(on session: SessionID, at now: Timestamp) -> RevocationVerdict {
        state.withLock { state in
            if state.until[.session(session)] != nil { return .revoked }
            guard let lastRead = state.lastRead, now - lastRead < Self.patience else { return .unknown }
            return .good
        }
    }

    func isRevoked(key kid: String) -> Bool {
        state.withLock { $0.until[.key(kid)] != nil }
    }

    /// Whether reads come in time.
    func isCurrent(at now: Timestamp) -> Bool {
        state.withLock { state in
            guard let lastRead = state.lastRead else { return false }
            return now - lastRead < Self.patience
        }
    }

    /// Takes what this process just committed.
    func apply(_ revocations: [Revocation]) {
        guard !revocations.isEmpty else { return }
        state.withLock { $0.add(revocations) }
        users.tell(revocations.compactMap(\.user))
    }

    /// Takes what one read found, and forgets what cannot matter any more.
    ///
    /// - Parameter now: when the read began.
    func noteRead(_ revocations: [Revocation], at now: Timestamp) {
        state.withLock { state in
            state.add(revocations)
            if state.until.values.contains(where: { $0 <= now }) {
                state.until = state.until.filter { $0.value > now }
            }
            state.lastRead = now
        }
    }

    var lastRead: Timestamp? { state.withLock { $0.lastRead } }
}

extension Revocation {
    /// Whose standing changed, if it is that.
    var user: UserID? {
        if case .user(let id) = subject { id } else { nil }
    }
}
