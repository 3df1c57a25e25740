import Shared

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A thread outside Swift's pool, on which C may block. It gets no SIGPIPE.
enum OwnThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Returns: false if the system gives no further thread.
    static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
        let body = Unmanaged.passRetained(Body(run))
        #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { Self.enter($0) }, body.toOpaque())
        if code == 0 { pthread_detach(thread) }
        #else
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { Self.enter($0) }, body.toOpaque())
        if code == 0, let thread { pthread_detach(thread) }
        #endif
        if code != 0 { body.release() }
        return code == 0
    }

    private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        // A peer that has gone is an error of the call that writes to it.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
}
