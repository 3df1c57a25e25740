/// Numbers and random text in the 62 letters and digits, smallest first: `0-9`, `A-Z`, `a-z`, as GitHub's tokens
/// have them.
enum Base62 {
    static let digits: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The value of a digit from 0 to 61; 0xFF for any other byte.
    static func value(of byte: UInt8) -> UInt8 { values[Int(byte)] }

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()

    /// - Parameter count: so many digits, zeros in front; higher ones are cut off.
    static func encode(_ number: UInt64, count: Int) -> [UInt8] {
        var text = [UInt8](repeating: digits[0], count: count)
        var rest = number
        for index in stride(from: count - 1, through: 0, by: -1) {
            text[index] = digits[Int(rest % 62)]
            rest /= 62
        }
        return text
    }
}
