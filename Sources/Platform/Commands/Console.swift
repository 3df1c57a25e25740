internal import Glibc

/// The terminal or pipe that a command talks to. Written to at once, so that a crash loses nothing.
package enum Console {
    package static func write(_ text: String) { write(text + "\n", to: 1) }

    package static func writeError(_ text: String) { write(text + "\n", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { unistdWrite(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { bytes = bytes.dropFirst(count) }
            // Nobody reads any more, or the disk is full: there is no other place to say so.
            if count < 0, errno != EINTR { return }
        }
    }
}

/// The system's `write`, which the console's own name hides.
private func unistdWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, start, count)
}
