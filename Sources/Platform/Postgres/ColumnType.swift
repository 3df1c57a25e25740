import SQL
import Shared

/// A column's type and how its binary form is read (PostgreSQL's `typsend` functions).
enum ColumnType {
    case boolean, bytes, int2, int4, int8, oid, float4, float8, numeric, text, uuid, timestamp, json, jsonb, void

    /// - Parameter oid: from the catalogue `pg_type.dat`; those of built-in types never change.
    init?(oid: UInt32) {
        switch oid {
        case 16: self = .boolean
        case 17: self = .bytes
        case 21: self = .int2
        case 23: self = .int4
        case 20: self = .int8
        case 26: self = .oid
        case 700: self = .float4
        case 701: self = .float8
        case 1700: self = .numeric
        case 19, 25, 1042, 1043: self = .text  // name, text, bpchar, varchar
        case 2950: self = .uuid
        case 1184: self = .timestamp
        case 114: self = .json
        case 3802: self = .jsonb
        case 2278: self = .void
        default: return nil
        }
    }

    /// - Returns: nil for a value that Swift's type cannot hold, such as a numeric with a fraction or infinity.
    func value(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch self {
        case .boolean: bytes.count == 1 ? .boolean(bytes[0] != 0) : nil
        case .bytes: .bytes([UInt8](bytes))
        case .int2: bytes.bigEndian(Int16.self).map { .integer(Int64($0)) }
        case .int4: bytes.bigEndian(Int32.self).map { .integer(Int64($0)) }
        case .int8: bytes.bigEndian(Int64.self).map { .integer($0) }
        case .oid: bytes.bigEndian(UInt32.self).map { .integer(Int64($0)) }
        case .float4: bytes.bigEndian(UInt32.self).map { .number(Double(Float(bitPattern: $0))) }
        case .float8: bytes.bigEndian(UInt64.self).map { .number(Double(bitPattern: $0)) }
        case .numeric: bytes.wholeNumeric.map { .integer($0) }
        case .text: .text(String(decoding: bytes, as: UTF8.self))
        case .uuid: Identifier(bytes: bytes).map { .identifier($0) }
        case .timestamp: bytes.bigEndian(Int64.self).flatMap(PostgresTime.timestamp).map { .timestamp($0) }
        case .json: .json(String(decoding: bytes, as: UTF8.self))
        // The first byte is the form's version.
        case .jsonb: bytes.first == 1 ? .json(String(decoding: bytes.dropFirst(), as: UTF8.self)) : nil
        case .void: .null(.text)
        }
    }
}

/// `timestamptz`: microseconds since 2000-01-01T00:00:00Z.
enum PostgresTime {
    private static let epochMilliseconds: Int64 = 946_684_800_000

    /// What is finer than milliseconds is cut off, towards the past.
    ///
    /// - Returns: nil for plus and minus infinity.
    static func timestamp(_ microseconds: Int64) -> Timestamp? {
        if microseconds == .max || microseconds == .min { return nil }
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000)
        return Timestamp(milliseconds: (rest < 0 ? whole - 1 : whole) + epochMilliseconds)
    }

    /// - Returns: nil beyond what PostgreSQL holds, 4713 BC to 294276 AD.
    static func microseconds(_ timestamp: Timestamp) -> Int64? {
        let range = Int64(-210_866_803_200_000)..<Int64(9_224_318_016_000_000)
        guard range.contains(timestamp.milliseconds) else { return nil }
        let (microseconds, overflow) = (timestamp.milliseconds - epochMilliseconds)
            .multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : microseconds
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func bigEndian<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        count == MemoryLayout<Number>.size ? Number(bigEndian: loadUnaligned(as: Number.self)) : nil
    }

    /// A `numeric` without a fraction: digits to the base 10,000, of which trailing zeros are left out.
    fileprivate var wholeNumeric: Int64? {
        let words = stride(from: 0, to: count - 1, by: 2).map { Int64(self[$0]) << 8 | Int64(self[$0 + 1]) }
        guard words.count >= 4, words.count == 4 + Int(words[0]) else { return nil }
        let weight = Int(Int16(truncatingIfNeeded: words[1]))
        let digits = words.dropFirst(4)
        let isNegative = words[2] == 0x4000
        guard isNegative || words[2] == 0, digits.isEmpty || weight >= digits.count - 1, weight < 5 else { return nil }
        var number: Int64 = 0
        for position in 0..<(digits.isEmpty ? 0 : weight + 1) {
            let digit = position < digits.count ? digits[digits.startIndex + position] : 0
            let shifted = number.multipliedReportingOverflow(by: 10_000)
            let added = shifted.partialValue.subtractingReportingOverflow(digit)
            guard !shifted.overflow, !added.overflow else { return nil }
            number = added.partialValue
        }
        // Built below zero, where there is one number more.
        if isNegative { return number }
        return number == .min ? nil : -number
    }
}
