import Glibc
import Shared
import Synchronization

/// Writes each line to a file descriptor at once and unbuffered, so that a crash loses none.
///
/// A reader that stalls makes the writer wait, as with any log on a pipe. A descriptor that fails (closed, full disk)
/// loses the line and is counted. The process must ignore SIGPIPE.
package final class DescriptorLogSink: LogSink {
    private let format: LogFormat
    private let clock: any WallClock
    private let descriptor: Int32
    /// How many lines were lost; the lock also keeps the parts of a line together when the system takes it in parts.
    private let lost = Mutex(0)

    /// - Parameter descriptor: stays open as long as the sink; 2 is standard error.
    package init(format: LogFormat, clock: any WallClock, descriptor: Int32 = 2) {
        self.format = format
        self.clock = clock
        self.descriptor = descriptor
    }

    /// How many lines could not be written in full.
    package var lostLines: Int { lost.withLock { $0 } }

    package func write(_ entry: LogEntry) {
        let line = LogLine.render(entry, at: clock.now, as: format)
        lost.withLock { count in
            if !writeAll(line) { count += 1 }
        }
    }

    private func writeAll(_ line: [UInt8]) -> Bool {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0, errno == EAGAIN {
                    waitUntilWritable()
                } else if count == 0 || errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
    }
}
