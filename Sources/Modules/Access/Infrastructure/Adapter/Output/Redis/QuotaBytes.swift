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
        for index in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}

/// Reads them; nil beyond the end.
struct QuotaReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = ArraySlice(bytes) }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }
    mutating func end() -> Timestamp? { number(4).map { Timestamp(milliseconds: Int64($0) * 1_000) } }
    mutating func generation() -> UInt32? { number(4).map { UInt32($0) } }
    mutating func count() -> Int? { number(4).map { Int($0) } }
    mutating func amount() -> Int? { number(6).map { Int($0) } }
    mutating func long() -> Int64? { number(8).flatMap { Int64(exactly: $0) } }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private mutating func number(_ width: Int) -> UInt64? {
        bytes(width)?.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
