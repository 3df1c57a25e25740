internal import Glibc
import Shared

/// Wakes a thread that waits for a socket.
final class Alarm: Sendable {
    private let reading: Int32
    private let writing: Int32

    /// - Throws: `Unavailable` if there are no more descriptors.
    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw Unavailable("descriptor", reason: "pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Wakes the thread, or keeps it from falling asleep. Rings that nobody heard yet count as one.
    func ring() {
        var byte: UInt8 = 1
        // A full pipe rings already.
        _ = write(writing, &byte, 1)
    }

    /// Blocks until it rings.
    ///
    /// - Parameters:
    ///   - timeout: nil: without end.
    ///   - socket: returns also when it can be read.
    func wait(upTo timeout: Duration?, orInput socket: Int32 = -1) {
        var descriptors = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = timeout.map { Int32(clamping: max(0, $0.wholeMilliseconds + 1)) } ?? -1
        guard poll(&descriptors, 2, milliseconds) > 0, descriptors[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(reading, &bytes, bytes.count) > 0 {}
    }

    /// Blocks for the whole time, however often it rings, unless `isEnd`.
    func wait(upTo timeout: Duration, unless isEnd: () -> Bool) {
        let end = ContinuousClock.now + timeout
        while !isEnd(), ContinuousClock.now < end { wait(upTo: end - .now) }
    }
}
