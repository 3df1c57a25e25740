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

        mutating func add(_ revocations: [Revocation]) {
            for revocation in revocations where revocation.user == nil {
                until[revocation.subject] = revocation.until
            }
        }
    }

    private let state = Mutex(State())
    private let recency = Recency(patience: .seconds(2))

    func verdict(on session: SessionID, at now: Timestamp) -> RevocationVerdict {
        // In this order: what a read found is in the list before the read counts.
        let isCurrent = recency.isCurrent(at: now)
        let isRevoked = state.withLock { $0.until[.session(session)] != nil }
        return isRevoked ? .revoked : isCurrent ? .good : .unknown
    }

    func isRevoked(key kid: String) -> Bool {
        state.withLock { $0.until[.key(kid)] != nil }
    }

    /// Whether reads come in time.
    func isCurrent(at now: Timestamp) -> Bool { recency.isCurrent(at: now) }

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
        }
        recency.note(now)
    }

    var lastRead: Timestamp? { recency.last }
}

extension Revocation {
    /// Whose standing changed, if it is that.
    var user: UserID? {
        if case .user(let id) = subject { id } else { nil }
    }
}
