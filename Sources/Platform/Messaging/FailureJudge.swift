import Shared
import Synchronization

/// Tells a failing event from a failing store: when the database is away, no event is at fault.
final class FailureJudge: Sendable {
    private struct Key: Hashable {
        let event: Identifier
        let group: String
    }

    private let times = Mutex<[Key: Int]>([:])

    /// So often the store may be away for one event while it takes what the relay writes: then it is the event's fault.
    private static let excusedMax = 30

    /// - Returns: whether the failure is one of the event.
    func counts(_ error: any Error, of event: Identifier, in group: String) -> Bool {
        let key = Key(event: event, group: group)
        guard Self.isOfStore(error) else {
            times.withLock { $0[key] = nil }
            return true
        }
        return times.withLock { $0[key, default: 0] >= Self.excusedMax }
    }

    /// The store has just taken what was written, and had no time for these.
    func excuse(_ events: [(event: Identifier, group: String)]) {
        times.withLock { times in
            let now = Set(events.map { Key(event: $0.event, group: $0.group) })
            times = times.filter { now.contains($0.key) }
            for key in now { times[key, default: 0] += 1 }
        }
    }

    private static func isOfStore(_ error: any Error) -> Bool {
        if error is CancellationError { return true }
        return (error as? Unavailable)?.resource == "database"
    }
}
