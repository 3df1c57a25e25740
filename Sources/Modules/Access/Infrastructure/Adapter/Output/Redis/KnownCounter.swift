import AccessDomain

/// A counter as this process knows it.
struct KnownCounter: Sendable, Equatable {
    /// With what this process counted while Redis was away.
    var counter: Counter
    /// How much was used when Redis, or the database, was heard last: what a server that lost its data is told.
    var confirmed: Int
    var epoch = QuotaEpoch()
    /// The connection over which Redis was heard last, counted from 1; 0: not yet, or it has lost something since.
    var connection = 0
    /// Not written to the database yet.
    var isDirty = false

    /// What Redis has not heard of.
    var extra: Int { counter.used - confirmed }

    /// Without what Redis has not heard of: that is added to it, not compared with it.
    var confirmedCounter: Counter {
        Counter(
            window: counter.window, used: confirmed, thresholdToldFor: counter.thresholdToldFor,
            exhaustionToldFor: counter.exhaustionToldFor)
    }

    /// - Parameter heard: answers may come in another order than they were given.
    mutating func learn(_ heard: Counter, _ heardEpoch: QuotaEpoch, over connection: Int) {
        self.connection = connection
        epoch.made = heardEpoch.made
        guard heard.window.end >= counter.window.end || counter.window.isOver(at: heard.window.start) else { return }
        if heard.window.end != counter.window.end {
            self = KnownCounter(
                counter: heard, confirmed: heard.used, epoch: heardEpoch, connection: connection, isDirty: true)
            return
        }
        guard heardEpoch.generation >= epoch.generation else { return }
        let used = heardEpoch.generation > epoch.generation ? heard.used : max(heard.used, confirmed)
        counter = Counter(
            window: counter.window, used: used + extra, reserved: heard.reserved,
            thresholdToldFor: max(heard.thresholdToldFor, counter.thresholdToldFor),
            exhaustionToldFor: max(heard.exhaustionToldFor, counter.exhaustionToldFor))
        isDirty = isDirty || used != confirmed
        confirmed = used
        epoch = heardEpoch
    }
}

extension Counter {
    var withoutReserved: Counter {
        Counter(
            window: window, used: used, thresholdToldFor: thresholdToldFor, exhaustionToldFor: exhaustionToldFor)
    }
}
