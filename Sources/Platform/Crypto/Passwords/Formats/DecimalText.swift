/// Whole numbers as hashes write them.
enum DecimalText {
    /// Digits only, without a sign, and below 2^32.
    static func integer(_ text: Substring, allowsLeadingZero: Bool = false) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            allowsLeadingZero || text.count == 1 || text.first != "0"
        else { return nil }
        return UInt32(text).map(Int.init)
    }
}
