/// Which characters a name that people read may not have, or not have alone (by Unicode's
/// `Default_Ignorable_Code_Point`, `Bidi_Control` and `White_Space`). Joiners and variation selectors, which scripts
/// and emoji need, may be in it.
package enum NameCharacters {
    /// Control characters, line ends, marks and overrides of direction, and what is not seen.
    package static let refused: [ClosedRange<UInt32>] = [
        0x00...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x34F...0x34F, 0x61C...0x61C, 0x115F...0x1160, 0x17B4...0x17B5,
        0x180B...0x180F, 0x200B...0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164...0x3164,
        0xFEFF...0xFEFF, 0xFFA0...0xFFA0, 0xFFF0...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A,
        0xE0000...0xE00FF, 0xE01F0...0xE0FFF,
    ]

    /// Spaces, joiners, variation selectors and the empty pattern of Braille: part of a name, but none by themselves.
    package static let blank: [ClosedRange<UInt32>] = [
        0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x200C...0x200D, 0x202F...0x202F,
        0x205F...0x205F, 0x2800...0x2800, 0x3000...0x3000, 0xFE00...0xFE0F, 0xE0100...0xE01EF,
    ]

    /// What is wrong with a name, to stand after its field: `must have a character that can be seen`.
    ///
    /// - Parameter length: in Unicode scalars.
    /// - Returns: nil for a good one.
    package static func objection(to name: String, _ length: ClosedRange<Int>) -> String? {
        let scalars = name.unicodeScalars
        guard length.contains(scalars.count) else {
            return "must have \(length.lowerBound) to \(length.upperBound) characters"
        }
        if scalars.contains(where: { has(refused, $0) }) {
            return "must not have control characters, or ones that are invisible or change the direction"
        }
        return scalars.allSatisfy { has(blank, $0) } ? "must have a character that can be seen" : nil
    }

    private static func has(_ ranges: [ClosedRange<UInt32>], _ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
    }
}
