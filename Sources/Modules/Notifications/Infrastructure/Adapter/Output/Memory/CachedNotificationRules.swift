import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization

/// The rules, read once and again after each change.
final class CachedNotificationRules: NotificationRules {
    private struct State {
        var rules: RuleSet?
        var changes = 0
    }

    private let work: any NotificationsWork
    private let state = Mutex(State())

    init(work: any NotificationsWork) {
        self.work = work
    }

    func current() async throws -> RuleSet {
        let (known, changes) = state.withLock { ($0.rules, $0.changes) }
        if let known { return known }
        let rules = try await work.read { RuleSet(try $0.rules.switched()) }
        state.withLock { state in
            // What was read before a change may be what was.
            if state.changes == changes { state.rules = rules }
        }
        return rules
    }

    func forget() {
        state.withLock { state in
            state.rules = nil
            state.changes += 1
        }
    }
}
