internal import CLinux
import Glibc
import Synchronization

/// Wakes a loop from other threads: an eventfd. Many calls before the loop wakes cost one system call.
package final class Waker: Sendable {
    let descriptor: Int32
    private let isPending = Atomic(false)

    /// - Throws: `Unavailable` if the process has no more descriptors.
    init() throws {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw SystemCall.unavailable("eventfd") }
    }

    deinit { close(descriptor) }

    /// Any thread's. What was done before the call is seen by the loop's wake handlers.
    package func wake() {
        guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// The loop's, before it looks for what it was woken for: whoever comes later wakes it again.
    func reset() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        isPending.store(false, ordering: .sequentiallyConsistent)
    }
}
