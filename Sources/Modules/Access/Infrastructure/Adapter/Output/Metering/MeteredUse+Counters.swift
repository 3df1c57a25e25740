import AccessApplication
import AccessContract
import AccessDomain
import Shared

extension [CounterRecord] {
    /// What is told of somebody's use: windows that are open, in which something was used; bursts aside. All services
    /// together come first, short windows before long ones.
    func uses(at now: Timestamp) -> [MeteredUse] {
        let told = filter { !$0.id.unit.isBurst && !$0.counter.window.isOver(at: now) && $0.counter.taken > 0 }
        let sorted = told.sorted { left, right in
            guard left.id.service == right.id.service else { return Self.isBefore(left.id.service, right.id.service) }
            return left.id.unit.rawValue < right.id.unit.rawValue
        }
        return sorted.map {
            MeteredUse(
                service: $0.id.service, unit: $0.id.unit.window, window: $0.counter.window, used: $0.counter.used,
                reserved: $0.counter.reserved)
        }
    }

    private static func isBefore(_ left: ServiceID?, _ right: ServiceID?) -> Bool {
        guard let right else { return false }
        return left.map { $0 < right } ?? true
    }
}

extension DeviceMerge {
    /// What is added to one of the person's counters.
    struct Addition: Sendable, Equatable {
        let service: ServiceID?
        let unit: CounterUnit
        let used: Int
    }

    /// - Parameter device: the device's counters.
    func additions(_ device: [CounterRecord]) -> [Addition] {
        let days = device.compactMap { record -> (service: ServiceID, counter: Counter)? in
            guard record.id.unit == .day, let service = record.id.service else { return nil }
            return (service, record.counter)
        }
        let counts = counts(of: days, isDone: false)
        let sum = counts.reduce(0) { $0 + $1.used }
        guard sum > 0 else { return [] }
        return [CounterUnit.day, .month].flatMap { unit in
            [Addition(service: nil, unit: unit, used: sum)]
                + counts.map { Addition(service: $0.service, unit: unit, used: $0.used) }
        }
    }
}
