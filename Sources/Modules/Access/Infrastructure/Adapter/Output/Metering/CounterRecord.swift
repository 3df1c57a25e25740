import AccessContract
import AccessDomain
import Shared

/// Which of the counters that a subject has for a service, or for all of them. The numbers are stored.
enum CounterUnit: Int, Sendable, CaseIterable {
    case second = 0
    case minute = 1
    case day = 2
    case month = 3
    case burstSecond = 4
    case burstMinute = 5

    init(_ rule: ChargeRule) {
        switch (rule.meter, rule.unit) {
        case (.burst, .second): self = .burstSecond
        case (.burst, _): self = .burstMinute
        case (_, .second): self = .second
        case (_, .minute): self = .minute
        case (_, .day): self = .day
        case (_, .month): self = .month
        }
    }

    var window: WindowUnit {
        switch self {
        case .second, .burstSecond: .second
        case .minute, .burstMinute: .minute
        case .day: .day
        case .month: .month
        }
    }

    var isBurst: Bool { self == .burstSecond || self == .burstMinute }
}

/// One counter's name, but for its window.
struct CounterID: Sendable, Hashable {
    let subject: SubjectKey
    /// Nil: over all services.
    let service: ServiceID?
    let unit: CounterUnit
}

/// One counter with its window, as it is stored.
struct CounterRecord: Sendable, Equatable {
    let id: CounterID
    var counter: Counter
}

extension Counter {
    /// With so much more, or less, in it.
    func adjusted(used: Int, reserved: Int) -> Counter {
        Counter(
            window: window, used: max(0, self.used + used), reserved: max(0, self.reserved + reserved),
            thresholdToldFor: thresholdToldFor, exhaustionToldFor: exhaustionToldFor)
    }

    /// As if nothing had been told since `earlier`: for changes whose caller cannot be told.
    func tellingAgain(since earlier: Counter) -> Counter {
        Counter(
            window: window, used: used, reserved: reserved, thresholdToldFor: earlier.thresholdToldFor,
            exhaustionToldFor: earlier.exhaustionToldFor)
    }

    /// With nothing used; what is set aside stays so.
    var forgotten: Counter { Counter(window: window, reserved: reserved) }
}
