import SQL
import Shared

/// Bound values in PostgreSQL's binary form, in a row.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    private var lengths: [Int32] = []
    private var nulls: [Bool] = []

    /// - Throws: `InternalFailure` for what PostgreSQL cannot hold.
    init(_ values: [SQLValue]) throws {
        // The protocol counts parameters in 16 bits.
        guard values.count <= 65_535 else { throw InternalFailure("\(values.count) parameters are too many") }
        lengths.reserveCapacity(values.count)
        nulls.reserveCapacity(values.count)
        for (offset, value) in values.enumerated() {
            if value.holdsNullCharacter { throw InternalFailure("parameter \(offset + 1): text holds U+0000") }
            let start = bytes.count
            guard append(value) else { throw InternalFailure("parameter \(offset + 1) is out of range") }
            guard let length = Int32(exactly: bytes.count - start) else {
                throw InternalFailure("parameter \(offset + 1) is too long")
            }
            lengths.append(length)
            nulls.append(value.isNull)
        }
        // So that the address of an empty value is not null, which would be NULL.
        bytes.append(0)
    }

    /// - Returns: false if PostgreSQL cannot hold it.
    private mutating func append(_ value: SQLValue) -> Bool {
        switch value {
        case .null: break
        case .text(let text): append(text)
        case .integer(let integer): append(integer)
        case .number(let number): append(Int64(bitPattern: number.bitPattern))
        case .boolean(let flag): bytes.append(flag ? 1 : 0)
        case .bytes(let value): bytes += value
        case .identifier(let identifier):
            append(Int64(bitPattern: identifier.high))
            append(Int64(bitPattern: identifier.low))
        case .timestamp(let time):
            guard let microseconds = PostgresTime.microseconds(time) else { return false }
            append(microseconds)
        case .json(let text):
            // The version of jsonb's binary form.
            bytes.append(1)
            append(text)
        }
        return true
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(_ integer: Int64) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    var count: Int { lengths.count }

    /// Gives what libpq's functions take: addresses, lengths and formats, valid inside of `body` only.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            let addresses: [UnsafePointer<CChar>?] = lengths.indices.map { index in
                defer { offset += Int(lengths[index]) }
                return nulls[index]
                    ? nil : buffer.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
            }
            // 1: binary.
            return body(addresses, lengths, [Int32](repeating: 1, count: lengths.count))
        }
    }
}
