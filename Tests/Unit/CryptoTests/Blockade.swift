import Dispatch
import Lifecycle
import Synchronization

/// Work that holds a thread until it is let go.
struct Blockade: Sendable {
    let began = Latch()
    private let released = DispatchSemaphore(value: 0)

    func hold() {
        began.open()
        released.wait()
    }

    func release() { released.signal() }
}

/// Remembers what happened on any thread, in order.
final class Recorder<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])

    var all: [Event] { events.withLock { $0 } }

    func add(_ event: Event) {
        events.withLock { $0.append(event) }
    }
}
