/// One counter with what is drawn from it. The store copies its counters in, lets `Charges` decide, and copies them
/// out: under its lock, so that parallel requests never exceed a limit.
package struct Charge: Sendable, Equatable {
    package var counter: Counter
    /// `Limit.unlimited`: only counted.
    package let limit: Int
    package let amount: Int
    package let isSoft: Bool
    package let isBurst: Bool
    /// What is to be told of this counter, after a call of `Charges`.
    package internal(set) var news: QuotaNews?

    /// - Parameter counter: rolled to the window of now.
    package init(counter: Counter, limit: Int, amount: Int, isSoft: Bool = false, isBurst: Bool = false) {
        self.counter = counter
        self.limit = limit
        self.amount = amount
        self.isSoft = isSoft
        self.isBurst = isBurst
    }

    /// - Parameter factor: for a share of an anonymous caller.
    package init(counter: Counter, rule: ChargeRule, cost: Int, factor: Int = 1) {
        self.init(
            counter: counter, limit: Self.limit(of: rule, factor: factor),
            amount: rule.meter == .burst ? 1 : cost, isSoft: rule.isSoft, isBurst: rule.meter == .burst)
    }

    /// - Parameter factor: for a share of an anonymous caller.
    package static func limit(of rule: ChargeRule, factor: Int) -> Int {
        let limit = rule.limit.multipliedReportingOverflow(by: factor)
        return rule.isLimited && !limit.overflow ? limit.partialValue : Limit.unlimited
    }

    package var isLimited: Bool { limit != Limit.unlimited }
    package var remaining: Int { counter.remaining(of: limit) }

    fileprivate func hasRoom(for amount: Int) -> Bool { counter.hasRoom(for: amount, limit: limit) }
}

/// What became of a draw.
package struct ChargeOutcome: Sendable, Equatable {
    package let isAllowed: Bool
    /// Which charge to tell the caller of: the one that refused, of several the one that lasts longest; else the one
    /// with the least left, bursts aside. Nil if nothing is limited.
    package let binding: Int?
    /// Beyond a soft limit, and allowed all the same.
    package let exceedsSoftLimit: Bool

    package init(isAllowed: Bool, binding: Int?, exceedsSoftLimit: Bool = false) {
        self.isAllowed = isAllowed
        self.binding = binding
        self.exceedsSoftLimit = exceedsSoftLimit
    }
}

/// Draws from several counters at once: from all of them or from none. Nothing here allocates.
package enum Charges {
    /// Counts a request. A refused one is not counted.
    package static func take(_ charges: inout MutableSpan<Charge>) -> ChargeOutcome {
        draw(&charges) { $0.counter.take($0.amount) }
    }

    /// Sets an amount aside. A burst counts requests, whatever they cost, so it is not set aside but counted.
    package static func reserve(_ charges: inout MutableSpan<Charge>) -> ChargeOutcome {
        draw(&charges) { $0.isBurst ? $0.counter.take($0.amount) : $0.counter.reserve($0.amount) }
    }

    /// Ends a reservation. What is used beyond what was reserved needs room; without it nothing changes.
    ///
    /// - Parameters:
    ///   - charges: with the counters of the windows in which it was made, and the reserved amount in each; no bursts.
    ///   - used: 0 to release it, or when it has expired.
    package static func settle(_ charges: inout MutableSpan<Charge>, used: Int) -> ChargeOutcome {
        var refused = false
        for index in charges.indices {
            charges[index].news = nil
            let charge = charges[index]
            if !charge.isSoft, !charge.hasRoom(for: used - charge.amount) { refused = true }
        }
        if refused { return refusal(&charges) { used - $0.amount } }
        return allow(&charges) { $0.counter.settle(reserved: $0.amount, used: used) }
    }

    private static func draw(
        _ charges: inout MutableSpan<Charge>, _ change: (inout Charge) -> Void
    ) -> ChargeOutcome {
        var isRefused = false
        for index in charges.indices {
            charges[index].news = nil
            if !charges[index].isSoft, !charges[index].hasRoom(for: charges[index].amount) { isRefused = true }
        }
        if isRefused { return refusal(&charges, \.amount) }
        return allow(&charges, change)
    }

    private static func refusal(
        _ charges: inout MutableSpan<Charge>, _ amount: (Charge) -> Int
    ) -> ChargeOutcome {
        var binding: Int?
        for index in charges.indices {
            let charge = charges[index]
            guard !charge.isSoft, !charge.hasRoom(for: amount(charge)) else { continue }
            if !charge.isBurst { charges[index].news = charges[index].counter.news(of: charge.limit, wasRefused: true) }
            if let best = binding, charges[best].counter.window.end >= charge.counter.window.end { continue }
            binding = index
        }
        return ChargeOutcome(isAllowed: false, binding: binding)
    }

    private static func allow(
        _ charges: inout MutableSpan<Charge>, _ change: (inout Charge) -> Void
    ) -> ChargeOutcome {
        var binding: Int?
        var exceedsSoftLimit = false
        for index in charges.indices {
            change(&charges[index])
            let charge = charges[index]
            guard charge.isLimited, !charge.isBurst else { continue }
            charges[index].news = charges[index].counter.news(of: charge.limit, wasRefused: false)
            if charge.isSoft, charge.counter.taken > charge.limit { exceedsSoftLimit = true }
            guard let best = binding else {
                binding = index
                continue
            }
            let left = charge.remaining
            let leastLeft = charges[best].remaining
            if left < leastLeft || left == leastLeft && charge.counter.window.end > charges[best].counter.window.end {
                binding = index
            }
        }
        return ChargeOutcome(isAllowed: true, binding: binding, exceedsSoftLimit: exceedsSoftLimit)
    }
}
