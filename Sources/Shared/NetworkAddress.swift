/// An IPv4 or IPv6 address, kept as 16 bytes; IPv4 (and `::ffff:a.b.c.d`) in the low four.
package struct NetworkAddress: Hashable, Sendable {
    package let isIPv4: Bool
    package let high: UInt64
    package let low: UInt64

    package init(ipv4: UInt32) {
        isIPv4 = true
        high = 0
        low = UInt64(ipv4)
    }

    /// A mapped IPv4 address becomes that IPv4 address.
    package init(ipv6High high: UInt64, low: UInt64) {
        if high == 0, low >> 32 == 0xFFFF {
            self.init(ipv4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(rawHigh: high, low: low)
        }
    }

    package static let loopback = NetworkAddress(ipv4: 0x7F00_0001)

    package var isLoopback: Bool {
        isIPv4 ? low >> 24 == 127 : high == 0 && low == 1
    }

    /// The network part of the first `length` bits: 0 to 32 for IPv4, 0 to 128 for IPv6.
    package func prefix(_ length: Int) -> NetworkPrefix {
        NetworkPrefix(self, length: length)
    }

    /// What sign-in limits count by: the whole IPv4 address, the /64 of an IPv6 one.
    package var limitPrefix: NetworkPrefix { prefix(isIPv4 ? 32 : 64) }

    /// The site that an IPv6 address belongs to: a /48, which one home line may have whole. Nil for IPv4.
    package var site: NetworkPrefix? { isIPv4 ? nil : prefix(48) }

    /// How many networks of one site are told apart in what is stored about strangers.
    package static let networksOfSite = 32

    /// What is stored about strangers is counted together by: the whole IPv4 address; of IPv6 the /64, of which a site
    /// has 65,536, by one of 32 numbers within its site. So nobody makes more rows by changing the address.
    package var strangersKey: String {
        guard let site else { return description }
        return "\(site)#\(high & UInt64(Self.networksOfSite - 1))"
    }
}

/// A network: an address and how many of its leading bits count (RFC 4632 notation).
package struct NetworkPrefix: Hashable, Sendable {
    package let address: NetworkAddress
    package let length: Int

    /// Clears the bits behind `length`.
    package init(_ address: NetworkAddress, length: Int) {
        let bits = address.isIPv4 ? 32 : 128
        let length = min(max(length, 0), bits)
        self.length = length
        if address.isIPv4 {
            let mask: UInt32 = length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length)
            self.address = NetworkAddress(ipv4: UInt32(truncatingIfNeeded: address.low) & mask)
        } else {
            let highMask: UInt64 = length == 0 ? 0 : ~UInt64(0) << UInt64(max(0, 64 - length))
            let lowMask: UInt64 = length <= 64 ? 0 : ~UInt64(0) << UInt64(128 - length)
            self.address = NetworkAddress(rawHigh: address.high & highMask, low: address.low & lowMask)
        }
    }

    package func contains(_ other: NetworkAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && NetworkPrefix(other, length: length).address == address
    }

    /// Reads `10.0.0.0/8`, `fd00::/8` or a single address; nil for anything else.
    package init?(text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = NetworkAddress(text: String(first)) else { return nil }
        let bits = address.isIPv4 ? 32 : 128
        guard parts.count == 2 else {
            self.init(address, length: bits)
            return
        }
        guard parts[1].first != "+", let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
        self.init(address, length: length)
    }
}

extension NetworkPrefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}

extension NetworkAddress: CustomStringConvertible {
    /// Dotted IPv4, or IPv6 by RFC 5952.
    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xFF) }.joined(separator: ".")
        }
        let groups = self.groups
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        if longest.isEmpty { return text(0..<8) }
        return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
    }

    private var groups: [UInt64] {
        (0..<8).map { index in (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)) & 0xFFFF }
    }

    fileprivate init(rawHigh high: UInt64, low: UInt64) {
        isIPv4 = false
        self.high = high
        self.low = low
    }

    /// Reads dotted IPv4 (four decimal parts, no leading zeros) or IPv6 text (RFC 4291 § 2.2, no zone); else nil.
    package init?(text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let words = Self.parseIPv6(text) else { return nil }
            self.init(ipv6High: words.high, low: words.low)
        } else {
            guard let value = Self.parseIPv4(text) else { return nil }
            self.init(ipv4: value)
        }
    }

    private static func parseIPv4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            let digits = part.utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
                digits.count == 1 || digits.first != 48, let number = UInt32(part), number <= 255
            else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func parseIPv6(_ text: String) -> (high: UInt64, low: UInt64)? {
        let halves = text.components(separatedBy: "::")
        guard halves.count <= 2 else { return nil }
        // A dotted part may only end the address.
        guard let head = parseGroups(halves[0], mayEndDotted: halves.count == 1) else { return nil }
        var groups = head
        if halves.count == 2 {
            guard let tail = parseGroups(halves[1], mayEndDotted: true), head.count + tail.count <= 7 else {
                return nil
            }
            groups += Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard groups.count == 8 else { return nil }
        let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return (high, low)
    }

    private static func parseGroups(_ text: String, mayEndDotted: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndDotted, index == parts.count - 1, part.contains(".") {
                guard let address = parseIPv4(part) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ Hex.value(of: $0) != nil }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
