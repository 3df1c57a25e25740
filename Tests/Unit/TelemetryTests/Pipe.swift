import Glibc
import Synchronization

/// A pipe of the system; what is written into `input` is read back here.
final class Pipe: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    let input: Int32
    private let output: Int32
    private let inputIsOpen = Atomic(true)

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(code: errno) }
        output = ends[0]
        input = ends[1]
    }

    deinit {
        closeInput()
        close(output)
    }

    func closeInput() {
        if inputIsOpen.exchange(false, ordering: .relaxed) { close(input) }
    }

    /// What is there already, without waiting for more than the first byte.
    func readAvailable() -> String {
        String(decoding: read(1 << 20), as: UTF8.self)
    }

    /// Everything until the input is closed. Blocks.
    func readToEnd() -> String {
        var bytes: [UInt8] = []
        while case let part = read(1 << 16), !part.isEmpty { bytes += part }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read(_ countMax: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: countMax)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(output, $0.baseAddress, $0.count) }
        return Array(buffer.prefix(max(count, 0)))
    }
}
