extension Request {
    /// The W3C trace context this request belongs to, as it came; nil without a valid one.
    ///
    /// Version 00 of W3C Trace Context § 3.2: `00-<32 hex>-<16 hex>-<2 hex>`, no all-zero ids. Looked at only when
    /// it is asked for, which most requests never do.
    package var traceparent: String? {
        guard let text = headers["traceparent"] else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("00".utf8), Self.isLowerHex(parts[1], count: 32),
            Self.isLowerHex(parts[2], count: 16), Self.isLowerHex(parts[3], count: 2)
        else { return nil }
        return Self.isZero(parts[1]) || Self.isZero(parts[2]) ? nil : text
    }

    private static func isLowerHex(_ text: Substring.UTF8View, count: Int) -> Bool {
        text.count == count
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: false
                }
            }
    }

    private static func isZero(_ digits: Substring.UTF8View) -> Bool {
        digits.allSatisfy { $0 == UInt8(ascii: "0") }
    }
}
