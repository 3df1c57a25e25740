import JSON
import Shared

extension Fields {
    /// `until`, a moment, or `for`, a duration from now on; nil for no end.
    package mutating func ending() -> Ending? {
        let until = optional("until", .moment)
        let duration = optional("for", .duration)
        atMostOne(of: "until", "for")
        return until.map { .at($0) } ?? duration.map { .after($0) }
    }
}

extension FieldType where Value == Duration {
    /// A length of time: ISO 8601 in weeks or in days, hours, minutes and seconds, or as in settings.
    package static var duration: FieldType {
        let number = "[1-9][0-9]{0,3}"
        let time = "T(?=[0-9])(\(number)H)?(\(number)M)?(\(number)S)?"
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string",
                "pattern": .string(
                    "^(\(number)d|[1-9][0-9]{0,4}[hms]|P\(number)W|P(?=[0-9T])(\(number)D)?(\(time))?)$"),
                "examples": ["P7D", "7d"],
            ]
        }
        return FieldType(schema: schema(), placeholder: .seconds(1)) { value in
            value.text.flatMap(read).map { .success($0) }
                ?? .failure("must be a duration such as P7D, PT12H, 7d or 12h")
        }
    }

    private static func read(_ text: String) -> Duration? {
        if let duration = Duration(iso8601: text) { return duration }
        guard let unit = text.last, "dhms".contains(unit), text.first != "0",
            text.utf8.count <= (unit == "d" ? 5 : 6), text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let number = Int64(text.dropLast())
        else { return nil }
        let lengths: [Character: Int64] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]
        return lengths[unit].map { .seconds(number * $0) }
    }
}
