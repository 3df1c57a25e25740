/// Follows where libmicrohttpd 0.9 left the parts of a head in its buffer.
///
/// It cuts the head up in place, writing zeros over line ends, and forgets what they were: a bare LF, a folded
/// line (which it even joins to the *name*), a NUL, a second space. Each of them leaves the parts at other
/// distances than a well-formed head does, and only that tells.
struct HeadLayout {
    private var expected: Int
    private(set) var isIntact: Bool

    /// - Parameters: the addresses and byte counts of the parts of the request line.
    init(
        method: UnsafeBufferPointer<UInt8>, targetAddress: Int, targetCount: Int, version: UnsafeBufferPointer<UInt8>
    ) {
        let versionAddress = Self.address(version)
        isIntact =
            targetAddress == Self.address(method) + method.count + 1
            && versionAddress == targetAddress + targetCount + 1
        expected = versionAddress + version.count + Self.lineEnd
    }

    mutating func pass(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        let colon = expected + name.count
        let valueAddress = Self.address(value)
        isIntact = isIntact && Self.address(name) == expected && valueAddress > colon
        guard isIntact, let start = UnsafePointer<UInt8>(bitPattern: colon + 1) else { return }
        for index in 0..<(valueAddress - colon - 1) {
            isIntact = isIntact && (start[index] == 0x20 || start[index] == 0x09)
        }
        expected = valueAddress + value.count + Self.lineEnd
    }

    /// - Parameter end: the address behind the empty line.
    mutating func finish(end: Int) {
        isIntact = isIntact && expected + Self.lineEnd == end
    }

    private static let lineEnd = 2

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        Int(bitPattern: bytes.baseAddress)
    }
}
