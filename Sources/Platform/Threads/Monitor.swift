import Glibc

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

    /// Wakes one thread that waits. Call it after a change that it may wait for.
    package func signalOne() { pthread_cond_signal(change) }
    package func signalAll() { pthread_cond_broadcast(change) }
}
