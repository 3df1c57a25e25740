/// Where unpredictable bytes come from. Injected, so that a scenario can be replayed.
package protocol RandomSource: Sendable {
    /// - Parameter count: how many bytes, 0 or more.
    func bytes(_ count: Int) -> [UInt8]
}

/// The system's cryptographic generator (getrandom on Linux, by the standard library's documented source).
package struct SystemRandomSource: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
