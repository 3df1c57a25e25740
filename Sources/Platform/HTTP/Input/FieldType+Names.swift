import JSON
import Shared

extension FieldType where Value == String {
    /// A name that people read, in one line: see `NameCharacters`.
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
            if let objection = NameCharacters.objection(to: text, length) { return .failure(FieldMessage(objection)) }
            return .success(text)
        }
    }
}

extension NameCharacters {
    /// The rule as a regular expression (ECMA-262 and Python read it alike), without the length.
    package static var pattern: String {
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
