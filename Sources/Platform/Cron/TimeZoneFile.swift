/// A compiled file of the IANA database: TZif, version 2 or later (RFC 9636).
struct TimeZoneFile {
    let changes: [Int64]
    /// One more than changes.
    let offsets: [Int64]
    let rule: DaylightRule?

    /// Nil if it is damaged or of version 1.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let old = Header(&reader), old.version >= UInt8(ascii: "2"), reader.skip(old.size(ofTime: 4)),
            let header = Header(&reader), header.typeCount > 0
        else { return nil }
        var changes: [Int64] = []
        for _ in 0..<header.timeCount {
            guard let moment = reader.integer(8) else { return nil }
            if let last = changes.last, moment <= last { return nil }
            changes.append(moment)
        }
        guard let indices = reader.take(header.timeCount) else { return nil }
        var types: [Int64] = []
        for _ in 0..<header.typeCount {
            // The offset, then whether it is summer, and the place of its abbreviation.
            guard let offset = reader.integer(4), abs(offset) <= 26 * 3_600, reader.skip(2) else { return nil }
            types.append(offset)
        }
        guard indices.allSatisfy({ Int($0) < types.count }),
            reader.skip(header.characterCount + header.leapCount * 12 + header.standardCount + header.utcCount),
            reader.take(1) == [UInt8(ascii: "\n")], let footer = reader.rest.split(separator: 0x0A, maxSplits: 1).first
        else { return nil }
        guard let rule = DaylightRule(String(decoding: footer, as: UTF8.self)) else { return nil }
        self.changes = changes
        offsets = [types[0]] + indices.map { types[Int($0)] }
        self.rule = rule
    }

    private struct Header {
        let version: UInt8
        let utcCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let characterCount: Int

        init?(_ reader: inout Reader) {
            guard reader.take(4) == Array("TZif".utf8), let version = reader.take(1)?.first, reader.skip(15) else {
                return nil
            }
            self.version = version
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = reader.integer(4), (0...100_000).contains(count) else { return nil }
                counts.append(Int(count))
            }
            (utcCount, standardCount, leapCount) = (counts[0], counts[1], counts[2])
            (timeCount, typeCount, characterCount) = (counts[3], counts[4], counts[5])
        }

        func size(ofTime width: Int) -> Int {
            timeCount * (width + 1) + typeCount * 6 + characterCount + leapCount * (width + 4) + standardCount
                + utcCount
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var rest: ArraySlice<UInt8> { bytes[position...] }

        mutating func take(_ count: Int) -> [UInt8]? {
            guard bytes.count - position >= count else { return nil }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }

        mutating func skip(_ count: Int) -> Bool {
            guard bytes.count - position >= count else { return false }
            position += count
            return true
        }

        /// Big-endian and signed.
        mutating func integer(_ width: Int) -> Int64? {
            guard let bytes = take(width) else { return nil }
            let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
        }
    }
}
