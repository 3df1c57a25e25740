import Shared

/// Failed attempts to sign in, counted for one account, device or network.
package struct LoginFailures: Sendable, Equatable {
    package let key: String
    package var windowStart: Timestamp
    package var count: Int
    package var lastFailure: Timestamp
    package var lockedUntil: Timestamp?

    package init(
        key: String, windowStart: Timestamp, count: Int, lastFailure: Timestamp, lockedUntil: Timestamp? = nil
    ) {
        self.key = key
        self.windowStart = windowStart
        self.count = count
        self.lastFailure = lastFailure
        self.lockedUntil = lockedUntil
    }

    /// What failures of one kind lead to.
    package struct Policy: Sendable {
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
        package static let network = Policy(
            window: .seconds(3_600), delayFrom: nil, lockAt: 100, lockDuration: .seconds(3_600))
    }

    /// How long the next attempt has to wait; nil if it may come now.
    package func delay(by policy: Policy, at now: Timestamp) -> Duration? {
        if let lockedUntil, lockedUntil > now { return lockedUntil - now }
        guard let delayFrom = policy.delayFrom, count >= delayFrom, now - windowStart < policy.window else {
            return nil
        }
        let wait = Duration.seconds(min(30, 1 << min(count - delayFrom, 5)))
        let next = lastFailure + wait
        return next > now ? next - now : nil
    }

    /// - Returns: whether this failure locked.
    package mutating func note(by policy: Policy, at now: Timestamp) -> Bool {
        if now - windowStart >= policy.window {
            windowStart = now
            count = 0
        }
        count += 1
        lastFailure = now
        guard let lockAt = policy.lockAt, count >= lockAt, lockedUntil.map({ $0 <= now }) ?? true else { return false }
        lockedUntil = now + policy.lockDuration
        return true
    }
}
