/// A command as it is sent. Encoded by whoever makes it, so that the client's thread only copies it.
package struct RedisCommand: Sendable {
    package enum Argument: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
        ExpressibleByIntegerLiteral
    {
        case text(String)
        case bytes([UInt8])

        fileprivate var count: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.count
            }
        }

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int) { self = .text(String(value)) }
        package init(_ value: some BinaryInteger) { self = .text(String(value)) }
    }

    let bytes: [UInt8]

    /// - Parameter arguments: the name of the command first. Any byte may be in them.
    package init(_ arguments: Argument...) { self.init(arguments) }

    package init(_ arguments: [Argument]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.room(arguments))
        Self.append("*", arguments.count, to: &bytes)
        for argument in arguments { Self.append(argument, to: &bytes) }
        self.bytes = bytes
    }

    /// - Parameters:
    ///   - beginning: the first arguments, as they are sent.
    ///   - count: how many they are.
    init(_ beginning: [UInt8], of count: Int, _ next: Argument, _ more: [Argument], _ last: [Argument]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(beginning.count + Self.room(more) + Self.room(last) + 16)
        Self.append("*", count + 1 + more.count + last.count, to: &bytes)
        bytes.append(contentsOf: beginning)
        Self.append(next, to: &bytes)
        for argument in more { Self.append(argument, to: &bytes) }
        for argument in last { Self.append(argument, to: &bytes) }
        self.bytes = bytes
    }

    private static func room(_ arguments: [Argument]) -> Int { arguments.reduce(16) { $0 + $1.count + 16 } }

    private static func append(_ argument: Argument, to bytes: inout [UInt8]) {
        switch argument {
        case .text(var text): text.withUTF8 { append($0, to: &bytes) }
        case .bytes(let value): value.withUnsafeBufferPointer { append($0, to: &bytes) }
        }
    }

    private static func append(_ value: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        append("$", value.count, to: &bytes)
        bytes.append(contentsOf: value)
        bytes.append(13)
        bytes.append(10)
    }

    private static func append(_ mark: Unicode.Scalar, _ count: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: mark))
        if count < 10 {
            bytes.append(48 + UInt8(count))
        } else {
            bytes.append(contentsOf: String(count).utf8)
        }
        bytes.append(13)
        bytes.append(10)
    }
}
