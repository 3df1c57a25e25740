import Shared

/// A thread outside Swift's pool, on which C may block.
enum OwnThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Throws: `Unavailable` if the system gives no further thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws {
        let body = Unmanaged.passRetained(Body(run))
        #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { Self.enter($0) }, body.toOpaque())
        #else
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { Self.enter($0) }, body.toOpaque())
        #endif
        guard code == 0 else {
            body.release()
            throw Unavailable("database", reason: "no thread: \(String(cString: strerror(code)))")
        }
        #if canImport(Glibc)
        pthread_detach(thread)
        #else
        if let thread { pthread_detach(thread) }
        #endif
    }

    private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
}

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif
