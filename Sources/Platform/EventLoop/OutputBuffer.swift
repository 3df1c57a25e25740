/// Bytes that wait for a socket. Its memory is used again, unless it has grown beyond `keptBytes`.
struct OutputBuffer {
    private static let keptBytes = 65_536

    private var bytes: [UInt8] = []
    /// What is before it has been sent.
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        // Moving what is left costs less than growing, once most has gone.
        if start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(.init(rebasing: $0[start...])) }
    }

    mutating func removeFirst(_ sent: Int) {
        start += sent
        guard start == bytes.count else { return }
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        start = 0
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }
}
