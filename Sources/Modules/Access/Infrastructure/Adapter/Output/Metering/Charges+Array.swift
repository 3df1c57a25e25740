import AccessDomain

/// `Charges` on an array's elements in place.
extension [Charge] {
    mutating func take() -> ChargeOutcome {
        var span = mutableSpan
        return Charges.take(&span)
    }

    mutating func reserve() -> ChargeOutcome {
        var span = mutableSpan
        return Charges.reserve(&span)
    }

    mutating func settle(used: Int) -> ChargeOutcome {
        var span = mutableSpan
        return Charges.settle(&span, used: used)
    }
}
