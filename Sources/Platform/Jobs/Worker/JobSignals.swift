import Lifecycle
import Synchronization

/// Tells the worker of this process that a queue has something to do, and those of other processes where there is a way
/// to them: each looks by itself every second, too.
package final class JobSignals: Sendable {
    private let wakeups = Mutex<[String: Wakeup]>([:])
    /// Of the other processes.
    private let others: (any ProcessSignals)?

    /// - Parameter others: nil if nothing but the database is shared with other processes.
    package init(_ others: (any ProcessSignals)? = nil) { self.others = others }

    package func signal(_ queue: String) {
        wakeups.withLock { $0[queue] }?.signal()
        others?.announce(Self.topic(queue))
    }

    /// What the worker of a queue waits for.
    func wakeup(of queue: String) -> Wakeup {
        let (wakeup, isNew) = wakeups.withLock { wakeups in
            if let wakeup = wakeups[queue] { return (wakeup, false) }
            let wakeup = Wakeup()
            wakeups[queue] = wakeup
            return (wakeup, true)
        }
        if isNew { others?.listen(to: Self.topic(queue)) { wakeup.signal() } }
        return wakeup
    }

    private static func topic(_ queue: String) -> String { "jobs:\(queue)" }
}
