import Glibc

/// A counting semaphore for threads that may block.
///
/// Unchecked: the semaphore's memory never moves, and its functions are safe from any thread (sem_overview(7)).
final class Permits: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// - Parameter count: how many can be taken before one must be given back; 1 or more.
    init(_ count: Int) {
        sem_init(semaphore, 0, UInt32(clamping: count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Waits for a permit.
    func take() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
    }

    func giveBack() {
        sem_post(semaphore)
    }
}
