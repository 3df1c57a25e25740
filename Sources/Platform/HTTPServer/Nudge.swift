internal import CMicroHTTPD
import Glibc

/// Wakes a worker that waits although it has events. libmicrohttpd (0.9.75 to 1.0.1) asks epoll once more after exactly
/// 128 events, without a time limit, and deals with none of them until another one comes (`MHD_epoll`,
/// `MAX_EVENTS`).
struct Nudge: ~Copyable {
    /// With so many connections a worker may have 128 events at once: two descriptors are its own.
    static let connectionsMin = 126

    private let descriptor: Int32

    /// - Parameter daemon: outlives this.
    init?(_ daemon: OpaquePointer) {
        descriptor = cmhd_add_nudge(daemon)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// One event that means nothing.
    func give() {
        var count: UInt64 = 1
        _ = write(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
