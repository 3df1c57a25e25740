import TestSupport
import Testing

@testable import EventLoop

@Suite("Bytes that wait for a socket")
struct OutputBufferTests {
    @Test("leave in the order in which they came, in pieces of any size", arguments: [1, 2, 3] as [UInt64])
    func order(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var buffer = OutputBuffer()
        var sent: [UInt8] = []
        var next: UInt8 = 0
        var given = 0
        while given < 100_000 || !buffer.isEmpty {
            if given < 100_000, Bool.random(using: &random) {
                let piece = (0..<Int.random(in: 1..<500, using: &random)).map { _ -> UInt8 in
                    next &+= 1
                    return next
                }
                piece.withUnsafeBytes { buffer.append($0) }
                given += piece.count
            }
            let count = Int.random(in: 0...min(buffer.count, 400), using: &random)
            buffer.withBytes { sent += $0.prefix(count) }
            buffer.removeFirst(count)
        }
        #expect(sent.count == given)
        #expect(sent.enumerated().allSatisfy { $0.element == UInt8(truncatingIfNeeded: $0.offset + 1) })
    }
}
