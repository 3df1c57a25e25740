import Glibc
import Lifecycle

/// Waits for the signals that end a process.
enum SignalWatch {
    private static let watched: [Int32] = [SIGTERM, SIGINT]

    /// Opens `stop` at the first SIGTERM or SIGINT; the second one ends the process at once. Call it on
    /// the main thread before others exist: they take over that these signals are blocked.
    static func start(opening stop: Latch) {
        var signals = set()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        startThread(Unmanaged.passRetained(stop).toOpaque())
    }

    private static func startThread(_ context: UnsafeMutableRawPointer) {
        var thread = pthread_t()
        pthread_create(&thread, nil, runSignalWatch, context)
    }

    fileprivate static func wait(_ stop: Latch) {
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

private func runSignalWatch(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { SignalWatch.wait(Unmanaged<Latch>.fromOpaque(context).takeRetainedValue()) }
    return nil
}
