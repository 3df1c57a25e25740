import Glibc
import Lifecycle
import Shared

/// What started this process and wants to know how it is: systemd, by the protocol of sd_notify(3).
struct ServiceManager: Sendable {
    private let socketPath: String?
    /// Within which time it wants to hear that the process lives; nil: it does not watch.
    private let watchdogTimeout: Duration?
    private let logger: Logger

    /// How long it may keep a report waiting.
    private static let sendTimeout = timeval(tv_sec: 1, tv_usec: 0)

    /// - Parameter environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` count.
    init(_ environment: [String: String], processID: Int32 = getpid(), logger: Logger) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let timeout = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogTimeout = isForUs && timeout > 0 ? .microseconds(timeout) : nil
        self.logger = logger
    }

    /// Reports that it lives, twice in each span that the manager waits. They come from where all background work
    /// runs: a process in which nothing gets on falls silent, and is started again.
    var watchdog: (any Service)? {
        guard socketPath != nil, let watchdogTimeout else { return nil }
        return PollingService("watchdog", interval: watchdogTimeout / 2, logger: logger) {
            report("WATCHDOG=1")
            return 0
        }
    }

    func reportReady(_ status: String) { report("READY=1\nSTATUS=\(status)") }

    func reportStopping() { report("STOPPING=1\nSTATUS=Stopping") }

    private func report(_ state: String) {
        guard let socketPath else { return }
        guard let code = Self.send(state, to: socketPath) else { return }
        logger.warning("cannot report to NOTIFY_SOCKET", ["cause": .text(String(cString: strerror(code)))])
    }

    /// - Returns: the number of the error; nil if there was none.
    private static func send(_ state: String, to path: String) -> Int32? {
        // A name that is no file begins with NUL, which `@` stands for (unix(7)).
        let name = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8) + [0]
        var address = sockaddr_un()
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path) + name.count
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var timeout = sendTimeout
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(state.utf8)
        let count = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
        return count == bytes.count ? nil : errno
    }
}
