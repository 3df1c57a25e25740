internal import Glibc

/// The lines of a file or of standard input. Blocks its thread, so it is for commands that have nothing else to do.
package final class LineReader {
    private let descriptor: Int32
    private let name: String
    private let byteCountMax: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    /// A line without its line feed.
    package enum Line: Sendable, Equatable {
        case bytes([UInt8])
        case tooLong
    }

    /// - Parameters:
    ///   - path: `-` for standard input.
    ///   - byteCountMax: of one line; a longer one is passed over.
    /// - Throws: `CommandFailure`.
    package init(path: String, byteCountMax: Int) throws {
        self.byteCountMax = byteCountMax
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(name, errno) }
    }

    deinit { close(descriptor) }

    /// - Returns: nil at the end. The last line needs no line feed.
    /// - Throws: `CommandFailure`.
    package func next() throws -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        while true {
            if position == buffer.count, try !fill() {
                if isTooLong { return .tooLong }
                return line.isEmpty ? nil : .bytes(line)
            }
            let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n"))
            let part = buffer[position..<(end ?? buffer.count)]
            position = end.map { $0 + 1 } ?? buffer.count
            isTooLong = isTooLong || line.count + part.count > byteCountMax
            if isTooLong { line = [] } else { line += part }
            if end != nil { return isTooLong ? .tooLong : .bytes(line) }
        }
    }

    /// - Returns: false at the end.
    private func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        buffer = [UInt8](repeating: 0, count: 65_536)
        position = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(name, errno) }
            buffer.removeLast(buffer.count - count)
            isAtEnd = count == 0
            return count > 0
        }
    }

    private static func failure(_ name: String, _ code: Int32) -> CommandFailure {
        CommandFailure(code: .unavailable, message: "cannot read \(name): \(String(cString: strerror(code)))")
    }
}
