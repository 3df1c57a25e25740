import Shared

/// Writes big-endian numbers, as the scripts read them.
struct QuotaWriter {
    /// The largest amount that six bytes hold, and no limit.
    static let amountMax = (1 << 48) - 1

    private(set) var bytes: [UInt8] = []

    init(reserving count: Int = 0) { bytes.reserveCapacity(count) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }
    mutating func seconds(_ moment: Timestamp) { number(UInt64(max(0, moment.milliseconds / 1_000)), 4) }
    mutating func generation(_ value: UInt32) { number(UInt64(value), 4) }
    mutating func count(_ value: Int) { number(UInt64(max(0, value)), 4) }
    mutating func amount(_ value: Int) { number(UInt64(min(max(0, value), Self.amountMax)), 6) }
    mutating func long(_ value: Int64) { number(UInt64(max(0, value)), 8) }
    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    private mutating func number(_ value: UInt64, _ width: Int) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0.suffix(width)) }
    }
}

/// Reads them; nil beyond the end.
struct QuotaReader {
    private let source: [UInt8]
    private var next: Int

    /// - Parameter first: so many bytes are not read.
    init(_ bytes: [UInt8], after first: Int = 0) {
        source = bytes
        next = first
    }

    var isAtEnd: Bool { next >= source.count }

    mutating func byte() -> UInt8? { number(1).map { UInt8($0) } }
    mutating func end() -> Timestamp? { number(4).map { Timestamp(milliseconds: Int64($0) * 1_000) } }
    mutating func generation() -> UInt32? { number(4).map { UInt32($0) } }
    mutating func count() -> Int? { number(4).map { Int($0) } }
    mutating func amount() -> Int? { number(6).map { Int($0) } }
    mutating func long() -> Int64? { number(8).flatMap { Int64(exactly: $0) } }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard next + count <= source.count else { return nil }
        defer { next += count }
        return Array(source[next..<next + count])
    }

    private mutating func number(_ width: Int) -> UInt64? {
        guard next + width <= source.count else { return nil }
        var value: UInt64 = 0
        for index in next..<next + width { value = value << 8 | UInt64(source[index]) }
        next += width
        return value
    }
}
