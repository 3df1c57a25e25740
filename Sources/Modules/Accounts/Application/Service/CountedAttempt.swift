import AccountsDomain
import Shared

/// An attempt to prove who one is that was counted as failed when it began, and has to be ended: by `takeBack`,
/// `forgive` or `fail`. What is never ended, because its process died, stays a failure.
package struct CountedAttempt: Sendable {
    /// What attempts are counted for.
    struct Limit: Sendable {
        let key: String
        let policy: SignInFailures.Policy
        /// Whether it may refuse an attempt; otherwise it only counts.
        var refuses = true
        /// Whether a right attempt wipes out the failures before it.
        var isForgiven = true
    }

    private let counts: [(limit: Limit, window: Timestamp)]

    enum Admission: Sendable {
        case counted(CountedAttempt)
        /// Nothing was counted; nothing may be compared.
        case refused(retryAfter: Duration)
    }

    /// Looks at the limits and counts an attempt, in one transaction.
    ///
    /// - Parameter limits: each caller names them in the same order, in which they are locked.
    static func begin(
        _ limits: [Limit], at now: Timestamp, in failures: any SignInFailureRepository
    ) throws -> Admission {
        let found = try limits.map { limit in
            try failures.lock(limit.key)
                ?? SignInFailures(key: limit.key, windowStart: now, count: 0, lastFailure: now)
        }
        let delays = zip(limits, found).compactMap { limit, found in
            limit.refuses ? found.delay(by: limit.policy, at: now) : nil
        }
        if let delay = delays.max() { return .refused(retryAfter: delay) }
        return .counted(
            CountedAttempt(
                counts: try zip(limits, found).map { limit, found in
                    var found = found
                    let window = found.begin(by: limit.policy, at: now)
                    try failures.save(found)
                    return (limit, window)
                }))
    }

    /// It was right and changes nothing else, or nothing was compared: all is as if it had not begun.
    func takeBack(in failures: any SignInFailureRepository) throws {
        for (limit, window) in counts { try takeBack(limit, window, in: failures) }
    }

    /// It was right, and so the failures before it were the owner's own.
    func forgive(in failures: any SignInFailureRepository) throws {
        for (limit, window) in counts {
            guard limit.isForgiven else {
                try takeBack(limit, window, in: failures)
                continue
            }
            _ = try failures.lock(limit.key)
            try failures.remove(limit.key)
        }
    }

    /// It was wrong.
    ///
    /// - Returns: what became of each limit, by its key.
    func fail(
        at now: Timestamp, in failures: any SignInFailureRepository
    ) throws -> [String: (isFirst: Bool, isLocked: Bool)] {
        var outcomes: [String: (isFirst: Bool, isLocked: Bool)] = [:]
        for (limit, window) in counts {
            var found =
                try failures.lock(limit.key)
                ?? SignInFailures(key: limit.key, windowStart: now, count: 0, lastFailure: now)
            let isLocked = found.fail(from: window, by: limit.policy, at: now)
            try failures.save(found)
            outcomes[limit.key] = (isFirst: found.count == 1, isLocked: isLocked)
        }
        return outcomes
    }

    private func takeBack(_ limit: Limit, _ window: Timestamp, in failures: any SignInFailureRepository) throws {
        guard var found = try failures.lock(limit.key) else { return }
        found.takeBack(from: window)
        if found.isEmpty { try failures.remove(limit.key) } else { try failures.save(found) }
    }
}
