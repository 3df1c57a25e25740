import Shared

/// What one Argon2id hash costs (RFC 9106); lanes are always 1, because a thread hashes alone.
package struct Argon2Cost: Sendable, Equatable {
    /// In bytes: 8 KiB to 4 GiB.
    package static let memoryRange = (8 << 10)...(4 << 30)
    package static let iterationsRange = 1...Int(UInt32.max)

    package let memory: ByteCount
    package let iterations: Int

    /// - Parameters:
    ///   - memory: 8 KiB to 4 GiB, in whole KiB.
    ///   - iterations: passes over the memory, 1 or more.
    /// - Returns: nil outside of these ranges.
    package init?(memory: ByteCount, iterations: Int) {
        guard Self.memoryRange.contains(memory.bytes), memory.bytes % 1_024 == 0,
            Self.iterationsRange.contains(iterations)
        else { return nil }
        self.memory = memory
        self.iterations = iterations
    }
}
