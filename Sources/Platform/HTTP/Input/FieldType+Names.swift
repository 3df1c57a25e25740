import JSON
import Shared

extension FieldType where Value == String {
    /// A name that people read, in one line: something of it is seen, and nothing in it is invisible or changes the
    /// direction of what stands beside it. Joiners and variation selectors, which scripts and emoji need, may be in it.
    ///
    /// - Parameter length: in Unicode scalars.
    package static func name(_ length: ClosedRange<Int>, example: String? = nil) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            var schema: JSONObject = [
                "type": "string", "minLength": .integer(Int64(length.lowerBound)),
                "maxLength": .integer(Int64(length.upperBound)), "pattern": .string(SchemaSummary.namePattern),
            ]
            if let example { schema["examples"] = [.string(example)] }
            return schema
        }
        return FieldType(schema: schema(), placeholder: example ?? "") { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard length.contains(text.unicodeScalars.count) else {
                return .failure("must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            guard !text.unicodeScalars.contains(where: NameCharacters.isRefused) else {
                return .failure("must not have control characters, or ones that are invisible or change the direction")
            }
            guard !text.unicodeScalars.allSatisfy(NameCharacters.isBlank) else {
                return .failure("must have a character that can be seen")
            }
            return .success(text)
        }
    }
}

/// Which characters a name may not have, or not have alone (by Unicode's `Default_Ignorable_Code_Point`, `Bidi_Control`
/// and `White_Space`).
enum NameCharacters {
    /// Control characters, line ends, marks and overrides of direction, and what is not seen.
    private static let refused: [ClosedRange<UInt32>] = [
        0x00...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x34F...0x34F, 0x61C...0x61C, 0x115F...0x1160, 0x17B4...0x17B5,
        0x180B...0x180F, 0x200B...0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164...0x3164,
        0xFEFF...0xFEFF, 0xFFA0...0xFFA0, 0xFFF0...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A,
        0xE0000...0xE00FF, 0xE01F0...0xE0FFF,
    ]
    /// Spaces, joiners, variation selectors and the empty pattern of Braille: part of a name, but none by themselves.
    private static let blank: [ClosedRange<UInt32>] = [
        0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x200C...0x200D, 0x202F...0x202F,
        0x205F...0x205F, 0x2800...0x2800, 0x3000...0x3000, 0xFE00...0xFE0F, 0xE0100...0xE01EF,
    ]

    static func isRefused(_ scalar: Unicode.Scalar) -> Bool { refused.contains { $0.contains(scalar.value) } }
    static func isBlank(_ scalar: Unicode.Scalar) -> Bool { blank.contains { $0.contains(scalar.value) } }

    /// The same as a regular expression (ECMA-262 and Python read it alike).
    static var pattern: String {
        "^(?=[^\(ends(refused))]*[^\(ends(refused))\(ends(blank))])[^\(ends(refused))]*$"
    }

    private static func ends(_ ranges: [ClosedRange<UInt32>]) -> String {
        ranges.map { range in
            range.count == 1 ? escaped(range.lowerBound) : "\(escaped(range.lowerBound))-\(escaped(range.upperBound))"
        }.joined()
    }

    /// There is no escape beyond four digits that both read, so those characters stand for themselves.
    private static func escaped(_ value: UInt32) -> String {
        if value > 0xFFFF { return Unicode.Scalar(value).map { String(Character($0)) } ?? "" }
        let digits = String(value, radix: 16)
        return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
