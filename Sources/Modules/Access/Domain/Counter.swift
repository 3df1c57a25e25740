import Shared

/// How much was used in one window.
package struct Counter: Sendable, Equatable {
    package private(set) var window: TimeWindow
    package private(set) var used: Int
    /// Set aside by reservations under way.
    package private(set) var reserved: Int
    /// For which amount it was told that 80 % are used; 0 for none yet. A larger amount, by another plan, is told of
    /// again; a smaller one is not.
    package private(set) var thresholdToldFor: Int
    /// The same for all of it.
    package private(set) var exhaustionToldFor: Int

    package init(
        window: TimeWindow, used: Int = 0, reserved: Int = 0, thresholdToldFor: Int = 0, exhaustionToldFor: Int = 0
    ) {
        self.window = window
        self.used = used
        self.reserved = reserved
        self.thresholdToldFor = thresholdToldFor
        self.exhaustionToldFor = exhaustionToldFor
    }

    package var taken: Int { used + reserved }

    /// - Parameter limit: `Limit.unlimited` for none.
    package func remaining(of limit: Int) -> Int { max(0, limit - taken) }

    /// What costs nothing always has room.
    package func hasRoom(for amount: Int, limit: Int) -> Bool { amount <= 0 || amount <= limit - taken }

    /// Opens the window of now if this one is over. A clock that goes back a little opens none; a window that a clock
    /// which was ahead has opened is over.
    ///
    /// - Returns: the counter of the window that is over, if reservations made in it are still under way: they are
    ///   settled there.
    package mutating func roll(_ unit: WindowUnit, at now: Timestamp, offset: Int = 0) -> Counter? {
        guard window.isOver(at: now) else { return nil }
        let closed = self
        self = Counter(window: unit.window(at: now, offset: offset))
        return closed.reserved > 0 ? closed : nil
    }

    mutating func take(_ amount: Int) { used += amount }

    mutating func reserve(_ amount: Int) { reserved += amount }

    mutating func settle(reserved amount: Int, used: Int) {
        reserved = max(0, reserved - amount)
        self.used += used
    }

    /// Takes a count back: what was allowed did not happen.
    package mutating func giveBack(_ amount: Int) { used = max(0, used - amount) }

    /// Adds what was counted elsewhere, whether there is room or not.
    package mutating func merge(used amount: Int) { used += max(0, amount) }

    /// - Parameter wasRefused: there was no room for what was asked.
    /// - Returns: what is to be told now, once for each window and amount.
    mutating func news(of limit: Int, wasRefused: Bool) -> QuotaNews? {
        if taken >= limit || wasRefused {
            guard limit > exhaustionToldFor else { return nil }
            exhaustionToldFor = limit
            thresholdToldFor = max(thresholdToldFor, limit)
            return .exhausted
        }
        guard taken >= limit - limit / 5, limit > thresholdToldFor else { return nil }
        thresholdToldFor = limit
        return .thresholdReached
    }
}

/// What is told about a quota.
package enum QuotaNews: Sendable, Equatable {
    /// 80 % are used.
    case thresholdReached
    case exhausted
}
