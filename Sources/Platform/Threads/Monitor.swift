import Glibc
import Shared

/// State behind a lock, whose threads can wait for its change. (`Mutex` has no condition to wait on.)
///
/// `@unchecked Sendable`: the state is touched with the lock held only, and the lock itself never moves.
package final class Monitor<State>: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(lock, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_cond_destroy(change)
        pthread_mutex_destroy(lock)
        change.deallocate()
        lock.deallocate()
    }

    package func withLock<T>(_ work: (inout State) -> T) -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return work(&state)
    }

    /// Blocks the calling thread, which must be one of its owner's, until `work` returns something.
    package func wait<T>(for work: (inout State) -> T?) -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = work(&state) { return result }
            pthread_cond_wait(change, lock)
        }
    }

    /// Blocks the calling thread, which must be one of its owner's, until `work` returns something.
    ///
    /// - Parameters:
    ///   - timeout: after so long `work` is asked for the last time; nil: never. A step of the machine's clock makes
    ///     it shorter or longer.
    ///   - work: asked at every change. The second argument is whether it is the last time.
    /// - Returns: nil only if `work` returns nil the last time.
    package func wait<T>(upTo timeout: Duration?, for work: (inout State, _ isLast: Bool) -> T?) -> T? {
        guard let timeout else { return wait { work(&$0, false) } }
        var limit = timespec()
        clock_gettime(CLOCK_REALTIME, &limit)
        let nanoseconds = limit.tv_nsec + Int(timeout.wholeMilliseconds % 1_000) * 1_000_000
        limit.tv_sec += Int(timeout.wholeMilliseconds / 1_000) + nanoseconds / 1_000_000_000
        limit.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = work(&state, false) { return result }
            if pthread_cond_timedwait(change, lock, &limit) == ETIMEDOUT { return work(&state, true) }
        }
    }

    /// Wakes one thread that waits. Call it after a change that it may wait for.
    package func signalOne() { pthread_cond_signal(change) }
    package func signalAll() { pthread_cond_broadcast(change) }
}
