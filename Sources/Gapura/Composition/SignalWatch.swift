import Glibc
import Lifecycle

/// Waits for the signals that end a process.
enum SignalWatch {
    private static let watched: [Int32] = [SIGTERM, SIGINT]

    /// Opens `stop` at the first SIGTERM or SIGINT; the second one ends the process at once. Call it before other
    /// threads exist: they take over that these signals are blocked.
    static func start(opening stop: Latch) {
        var signals = set()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(stop).toOpaque()
        pthread_create(&thread, nil, { context in wait(context) }, context)
    }

    private static func wait(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let stop = Unmanaged<Latch>.fromOpaque(context).takeRetainedValue()
        var signals = set()
        var received: Int32 = 0
        sigwait(&signals, &received)
        stop.open()
        sigwait(&signals, &received)
        _exit(128 + received)
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in watched { sigaddset(&signals, signal) }
        return signals
    }
}
