import Dispatch
import Glibc
import Lifecycle

/// Takes the signals that end a process.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// Opens `stop` at the first SIGTERM or SIGINT; a later one ends the process at once.
    init(opening stop: Latch) {
        sources = [SIGTERM, SIGINT].map { Self.watch($0, stop) }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    private static func watch(_ number: Int32, _ stop: Latch) -> any DispatchSourceSignal {
        // The main thread waits with no signal blocked, so the default action must be off.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            if stop.isOpen { _exit(128 + number) }
            stop.open()
        }
        source.activate()
        return source
    }
}
