import Lifecycle
import Synchronization

/// Tells the worker of this process that a queue has something to do.
package final class JobSignals: Sendable {
    private let wakeups = Mutex<[String: Wakeup]>([:])

    package init() {}

    package func signal(_ queue: String) { wakeup(of: queue).signal() }

    func wakeup(of queue: String) -> Wakeup {
        wakeups.withLock { wakeups in
            if let wakeup = wakeups[queue] { return wakeup }
            let wakeup = Wakeup()
            wakeups[queue] = wakeup
            return wakeup
        }
    }
}
