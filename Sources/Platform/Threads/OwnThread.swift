internal import CLinux
import Glibc
import Shared
import Synchronization

/// A thread for work that blocks, which neither the task pool nor an HTTP thread may do.
package final class OwnThread: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Void, Never>)
        case ended
    }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let state = Mutex(State.running)

    /// - Parameters:
    ///   - name: for debuggers; at most 15 bytes.
    ///   - body: runs on the thread, once.
    /// - Throws: `Unavailable` if the system gives no more threads.
    @discardableResult
    package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
        let start = Start(name: name) { [self] in
            body()
            end()
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let result = pthread_create(&thread, nil, runOwnThread, context.toOpaque())
        guard result == 0 else {
            context.release()
            throw Unavailable("thread", reason: "pthread_create: \(String(cString: strerror(result)))")
        }
        pthread_detach(thread)
    }

    /// Returns when the body has ended, whether the calling task is cancelled or not. Call it at most once.
    package func join() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if case .ended = state { return true }
                state = .awaited(continuation)
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func end() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .ended }
            guard case .awaited(let waiter) = state else { return nil }
            return waiter
        }
        waiter?.resume()
    }

    fileprivate static func run(_ context: UnsafeMutableRawPointer) {
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        clinux_name_thread(start.name)
        start.body()
    }
}

private func runOwnThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { OwnThread.run(context) }
    return nil
}
