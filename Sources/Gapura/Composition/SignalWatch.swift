import Dispatch
import Glibc
import Lifecycle
import Synchronization

/// Takes the signals that end a process.
///
/// A handler notes them in a pipe, from the first moment on. A signal source of Dispatch is registered later, on
/// another thread, and what comes before is lost.
final class SignalWatch {
    private let source: (any DispatchSourceRead)?

    /// Opens `stop` at the first SIGTERM or SIGINT; a later one ends the process at once. SIGHUP is
    /// ignored. One for each process.
    init(opening stop: Latch) {
        var ends: [Int32] = [-1, -1]
        // Without a pipe the signals keep their default, which ends the process at once.
        guard pipe(&ends) == 0 else {
            source = nil
            return
        }
        let (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let source = DispatchSource.makeReadSource(fileDescriptor: reading, queue: .global())
        source.setEventHandler {
            stop.open()
            source.cancel()
        }
        source.setCancelHandler { close(reading) }
        source.activate()
        self.source = source
        noticePipe.store(writing, ordering: .releasing)
        for number in [SIGTERM, SIGINT] { signal(number, notice) }
        // A terminal that closes, or a log rotator, sends it; there is nothing to read again.
        signal(SIGHUP, SIG_IGN)
    }

    deinit { source?.cancel() }
}

private let noticePipe = Atomic<Int32>(-1)
private let hasNoticed = Atomic<Bool>(false)

/// Runs as a signal handler, so it calls nothing that is not async-signal-safe (signal-safety(7)).
private func notice(_ number: Int32) {
    if hasNoticed.exchange(true, ordering: .relaxed) { _exit(128 + number) }
    let savedError = errno
    var byte: UInt8 = 1
    _ = write(noticePipe.load(ordering: .acquiring), &byte, 1)
    errno = savedError
}
