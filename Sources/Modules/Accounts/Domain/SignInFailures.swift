import Shared

/// Failed attempts to prove who one is, counted for one account, device, session or network. An attempt counts as
/// failed from its beginning, before anything is compared, and is taken back if it was right: of any number that come
/// at once, no more are looked at than of as many that come one after the other.
package struct SignInFailures: Sendable, Equatable {
    package let key: String
    package var windowStart: Timestamp
    /// Attempts that have failed.
    package var count: Int
    /// Attempts that have begun and not ended yet. One whose process died stays here until its window ends.
    package var pending: Int
    package var lastFailure: Timestamp
    /// When the last of the pending ones began.
    package var lastBeginning: Timestamp?
    package var lockedUntil: Timestamp?

    package init(
        key: String, windowStart: Timestamp, count: Int, pending: Int = 0, lastFailure: Timestamp,
        lastBeginning: Timestamp? = nil, lockedUntil: Timestamp? = nil
    ) {
        self.key = key
        self.windowStart = windowStart
        self.count = count
        self.pending = pending
        self.lastFailure = lastFailure
        self.lastBeginning = lastBeginning
        self.lockedUntil = lockedUntil
    }

    /// What failures of one kind lead to.
    package struct Policy: Sendable, Equatable {
        let window: Duration
        /// From so many on each attempt waits: 1 s, doubling, up to 30 s.
        let delayFrom: Int?
        /// So many in the window lock for `lockDuration`.
        let lockAt: Int?
        let lockDuration: Duration

        /// An account, as devices try it that its owner has not used.
        package static let account = Policy(
            window: .seconds(900), delayFrom: 5, lockAt: 10, lockDuration: .seconds(900))
        /// The owner's device: slowed down, never locked out.
        package static let knownDevice = Policy(
            window: .seconds(900), delayFrom: 5, lockAt: nil, lockDuration: .zero)
        /// A session in which the password is asked for once more: slowed down, and ended where others are locked.
        package static let confirmation = Policy(
            window: .seconds(900), delayFrom: 5, lockAt: 10, lockDuration: .seconds(900))
        /// The second step of sign-ins to one account, whatever method is tried.
        package static let secondStep = Policy(
            window: .seconds(300), delayFrom: nil, lockAt: 5, lockDuration: .seconds(900))
        package static let network = Policy(
            window: .seconds(3_600), delayFrom: nil, lockAt: 100, lockDuration: .seconds(3_600))
    }

    /// Nothing to remember.
    package var isEmpty: Bool { count == 0 && pending == 0 && lockedUntil == nil }

    /// How long the next attempt has to wait; nil if it may begin now.
    package func delay(by policy: Policy, at now: Timestamp) -> Duration? {
        if let lockedUntil, isLocked(until: lockedUntil, by: policy, at: now) {
            return min(lockedUntil - now, policy.lockDuration)
        }
        guard !isOver(by: policy, at: now) else { return nil }
        var wait = Duration.zero
        if let delayFrom = policy.delayFrom, count + pending >= delayFrom {
            let last = max(lastFailure, lastBeginning ?? lastFailure)
            if !last.isAhead(of: now) {
                wait = last + .seconds(min(30, 1 << min(count + pending - delayFrom, 5))) - now
            }
        }
        // If all of the pending ones fail, they lock: the next one waits until that is known.
        if let lockAt = policy.lockAt, count + pending >= lockAt { wait = max(wait, .seconds(1)) }
        return wait > .zero ? wait : nil
    }

    /// Counts an attempt that begins.
    ///
    /// - Returns: the window that it is counted in, by which it is found again when it ends.
    package mutating func begin(by policy: Policy, at now: Timestamp) -> Timestamp {
        openWindow(by: policy, at: now)
        pending += 1
        lastBeginning = now
        return windowStart
    }

    /// An attempt was right, or nothing was compared. It was not counted if its window has ended or was forgiven since.
    ///
    /// - Parameter window: what `begin` gave.
    package mutating func takeBack(from window: Timestamp) {
        guard window == windowStart, pending > 0 else { return }
        pending -= 1
        if pending == 0 { lastBeginning = nil }
    }

    /// An attempt was wrong.
    ///
    /// - Parameter window: what `begin` gave.
    /// - Returns: whether this failure locked.
    package mutating func fail(from window: Timestamp, by policy: Policy, at now: Timestamp) -> Bool {
        takeBack(from: window)
        openWindow(by: policy, at: now)
        count += 1
        lastFailure = now
        guard let lockAt = policy.lockAt, count >= lockAt, lockedUntil == nil else { return false }
        lockedUntil = now + policy.lockDuration
        return true
    }

    private func isOver(by policy: Policy, at now: Timestamp) -> Bool {
        now - windowStart >= policy.window || windowStart.isAhead(of: now)
    }

    private func isLocked(until end: Timestamp, by policy: Policy, at now: Timestamp) -> Bool {
        end > now && !(end - policy.lockDuration).isAhead(of: now)
    }

    /// A lock that is over is forgotten; so is everything else with its window.
    private mutating func openWindow(by policy: Policy, at now: Timestamp) {
        if let lockedUntil, !isLocked(until: lockedUntil, by: policy, at: now) { self.lockedUntil = nil }
        guard isOver(by: policy, at: now) else { return }
        windowStart = now
        count = 0
        pending = 0
        lastBeginning = nil
    }
}
