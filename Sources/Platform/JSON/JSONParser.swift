import Shared

/// Why bytes are not a JSON document that Gapura takes.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    /// Where in the document, in bytes from its start.
    package let offset: Int
    /// The document is well-formed, as far as it was read, but for a number that is kept exactly by nobody here.
    package var isBeyondRange = false
}

extension JSONValue {
    /// Reads one document, strictly (RFC 8259, I-JSON's rules of RFC 7493 for keys and text): no byte before or
    /// after it, no key twice, valid UTF-8, no lone surrogate, no U+0000, integers exact or refused.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - depthMax: how deep arrays and objects may nest.
    /// - Throws: `JSONSyntaxError` with a reason fit for a caller; it never quotes the document.
    package init(parsing bytes: [UInt8], depthMax: Int = 32) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: bytes, depthMax: depthMax)
        self = try parser.document()
    }
}

/// A recursive-descent reader; the depth is bounded, so the stack is.
private struct JSONParser {
    let bytes: [UInt8]
    let depthMax: Int
    var position = 0

    init(bytes: [UInt8], depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        let value = try self.value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("something follows the document") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard position < bytes.count else { throw failure("the document ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        guard depth <= depthMax else { throw failure("nested too deeply") }
        position += 1
        var members: [(String, JSONValue)] = []
        var seen: Set<String> = []
        skipSpace()
        if take("}") { return JSONObject() }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("a member needs a quoted name") }
            let key = try string()
            guard seen.insert(key).inserted else { throw failure("a member name stands twice") }
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            skipSpace()
            members.append((key, try value(depth: depth)))
            skipSpace()
            if take("}") { return JSONObject(members) }
            guard take(",") else { throw failure("a comma or closing brace is missing") }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        guard depth <= depthMax else { throw failure("nested too deeply") }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return [] }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw failure("a comma or closing bracket is missing") }
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw failure("not a value") }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = take("-")
        let firstDigit = position
        let digits = takeDigits()
        guard digits > 0 else { throw failure("not a value") }
        guard digits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
            throw failure("a number starts with a zero")
        }
        var isInteger = true
        if take(".") {
            isInteger = false
            guard takeDigits() > 0 else { throw failure("digits are missing in a number") }
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("-") { _ = take("+") }
            guard takeDigits() > 0 else { throw failure("digits are missing in a number") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            guard let integer = Int64(text) else { throw failure("an integer is out of range", isBeyondRange: true) }
            return .integer(integer)
        }
        guard let number = Double(text), number.isFinite else {
            throw failure("a number is out of range", isBeyondRange: true)
        }
        return .number(number)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try validated(bytes[start..<position])
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try stringWithEscapes(from: start)
            case 0..<0x20:
                throw failure("a control character stands in a string")
            default:
                position += 1
            }
        }
        throw failure("a string does not end")
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONSyntaxError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try validated(text[...])
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw failure("a control character stands in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = peek() else { throw failure("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: Character(try escapedScalar()).utf8)
        default: throw failure("an unknown escape stands in a string")
        }
    }

    private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if first == 0 { throw failure("U+0000 is not allowed") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw failure("a lone surrogate stands in a string") }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("a lone surrogate stands in a string") }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("a string does not end") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Hex.value(of: byte) else { throw failure("an unknown escape stands in a string") }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private func validated(_ slice: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
        guard let text = String(utf8: slice.span) else { throw failure("not valid UTF-8") }
        return text
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func takeDigits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ reason: String, isBeyondRange: Bool = false) -> JSONSyntaxError {
        JSONSyntaxError(description: reason, offset: position, isBeyondRange: isBeyondRange)
    }
}
