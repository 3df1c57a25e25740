internal import CLinux
import Glibc
import Shared

/// What a descriptor is waited for, and what came of it.
package struct ReadyEvents: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = ReadyEvents(rawValue: clinux_readable)
    package static let writable = ReadyEvents(rawValue: clinux_writable)
    /// The peer sends no more.
    package static let peerClosed = ReadyEvents(rawValue: clinux_peer_closed)
    /// The two that come unasked: the connection failed, or is over in both directions.
    package static let failed = ReadyEvents(rawValue: clinux_failed)
    package static let hungUp = ReadyEvents(rawValue: clinux_hung_up)
}

/// epoll(7), level-triggered.
struct Poller: ~Copyable {
    /// The most descriptors of one `wait`.
    static let batch = 256

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<UInt32>
    private let tokens: UnsafeMutablePointer<UInt64>

    /// - Throws: `Unavailable` if the process has no more descriptors.
    init() throws {
        let made = clinux_epoll()
        guard made >= 0 else { throw SystemCall.unavailable("epoll_create1") }
        descriptor = made
        events = .allocate(capacity: Self.batch)
        tokens = .allocate(capacity: Self.batch)
    }

    deinit {
        close(descriptor)
        events.deallocate()
        tokens.deallocate()
    }

    /// - Throws: `Unavailable` if the kernel's limit of watched descriptors is reached.
    func add(_ other: Int32, _ events: ReadyEvents, token: UInt64) throws {
        guard clinux_epoll_add(descriptor, other, events.rawValue, token) == 0 else {
            throw SystemCall.unavailable("epoll_ctl")
        }
    }

    func change(_ other: Int32, _ events: ReadyEvents, token: UInt64) {
        let result = clinux_epoll_change(descriptor, other, events.rawValue, token)
        precondition(result == 0, "epoll_ctl: a descriptor was closed while it was watched")
    }

    func remove(_ other: Int32) { _ = clinux_epoll_remove(descriptor, other) }

    /// Blocks until something is ready.
    ///
    /// - Parameter milliseconds: the longest wait; negative: without end.
    /// - Returns: how many are ready; 0 after the time, or when a signal came.
    func wait(milliseconds: Int32) -> Int {
        let found = clinux_epoll_wait(descriptor, events, tokens, Int32(Self.batch), milliseconds)
        precondition(found >= 0 || errno == EINTR, "epoll_wait: \(SystemCall.text(errno))")
        return max(0, Int(found))
    }

    /// One of those that the last `wait` found.
    subscript(index: Int) -> (token: UInt64, events: ReadyEvents) {
        (tokens[index], ReadyEvents(rawValue: events[index]))
    }
}

/// What failed calls of the system have in common.
enum SystemCall {
    static func unavailable(_ call: StaticString) -> Unavailable {
        Unavailable("descriptor", reason: "\(call): \(text(errno))")
    }

    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
