import AccountsApplication
import AccountsContract
import AccountsDomain
import ChangeFeeds
import Shared
import Synchronization

/// The revocations that matter now, in memory. Only entries whose tokens may still be out are kept.
final class RevocationList: RevocationView, UserChanges {
    private let feed: ChangeFeed<Revocation>
    private let entries: RevocationEntries

    /// Listens before anybody else does: what a change of a user's standing leads to finds the list up to date.
    init(_ feed: ChangeFeed<Revocation>, clock: any WallClock) {
        let entries = RevocationEntries(clock: clock)
        self.feed = feed
        self.entries = entries
        feed.onChange { entries.add($0) }
    }

    func verdict(on session: SessionID, at now: Timestamp) -> RevocationVerdict {
        // In this order: what a read found is in the list before the read counts.
        let isCurrent = feed.isCurrent(at: now)
        return entries.hold(.session(session), at: now) ? .revoked : isCurrent ? .good : .unknown
    }

    func isRevoked(key kid: String) -> Bool { entries.hold(.key(kid)) }

    func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        feed.onChange { for user in $0.compactMap(\.user) { listener(user) } }
    }
}

/// Until when each subject is revoked. Those of users refuse no token and are not kept.
private final class RevocationEntries: Sendable {
    private let until = Mutex<[Revocation.Subject: Timestamp]>([:])
    private let clock: any WallClock

    init(clock: any WallClock) { self.clock = clock }

    /// - Parameter now: nil to count those whose time is over too.
    func hold(_ subject: Revocation.Subject, at now: Timestamp? = nil) -> Bool {
        guard let end = until.withLock({ $0[subject] }) else { return false }
        return now.map { $0 < end } ?? true
    }

    /// Takes new ones and forgets those that cannot matter any more.
    func add(_ revocations: [Revocation]) {
        let now = clock.now
        until.withLock { until in
            for revocation in revocations where revocation.user == nil {
                until[revocation.subject] = revocation.until
            }
            if until.values.contains(where: { $0 <= now }) { until = until.filter { $0.value > now } }
        }
    }
}

extension Revocation {
    /// Whose standing changed, if it is that.
    var user: UserID? {
        if case .user(let id) = subject { id } else { nil }
    }
}
