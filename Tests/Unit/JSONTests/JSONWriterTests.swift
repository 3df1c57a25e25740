import JSON
import TestSupport
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("quotes, backslashes and control characters are escaped, everything else stands as it is")
    func escapes() {
        let text = "\"\\/\u{8}\n\r\t\u{0}\u{1F}\u{7F}\u{E9}\u{20AC}\u{1F511}"
        let written = String(decoding: JSONValue.string(text).serialized, as: UTF8.self)
        #expect(written == "\"\\\"\\\\/\\u0008\\n\\r\\t\\u0000\\u001f\\u007f\u{E9}\u{20AC}\u{1F511}\"")
    }

    @Test("names are escaped as texts are")
    func names() {
        let value: JSONValue = ["a\"\n": 1]
        #expect(String(decoding: value.serialized, as: UTF8.self) == #"{"a\"\n":1}"#)
    }

    @Test("a document is compact and keeps the order of its members")
    func compact() {
        let value: JSONValue = ["z": [1, nil, true, [], [:]], "a": "b", "n": -1.5]
        #expect(String(decoding: value.serialized, as: UTF8.self) == #"{"z":[1,null,true,[],{}],"a":"b","n":-1.5}"#)
    }

    @Test("piece by piece is the same as from a tree")
    func pieces() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("list")
            writer.array { writer in
                writer.integer(.max)
                writer.null()
                writer.object { _ in }
                writer.bool(false)
            }
            writer.key("text")
            writer.string("")
            writer.key("value")
            writer.value(["a": [1]])
        }
        let tree: JSONValue = ["list": [.integer(.max), nil, [:], false], "text": "", "value": ["a": [1]]]
        #expect(writer.bytes == tree.serialized)
    }

    @Test("a number that JSON does not know becomes null")
    func notFinite() {
        for number in [Double.nan, .infinity, -.infinity] {
            #expect(JSONValue.number(number).serialized == Array("null".utf8))
        }
    }

    @Test("whatever is written is read back the same", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = Self.value(depth: 0, &generator)
        let written = value.serialized
        #expect(try JSONValue(parsing: written) == value)
        #expect(try JSONValue(parsing: written).serialized == written)
    }

    @Test(
        "a document that is cut, or has a byte changed, is read or refused, but never crashes",
        arguments: 0..<50 as Range<UInt64>)
    func damaged(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let written = Self.value(depth: 0, &generator).serialized
        for _ in 0..<50 {
            var damaged = written
            damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            let cut = damaged.prefix(Int.random(in: 0...damaged.count, using: &generator))
            for bytes in [damaged, Array(cut)] {
                guard let value = try? JSONValue(parsing: bytes) else { continue }
                #expect((try? JSONValue(parsing: value.serialized)) == value)
            }
        }
    }

    private static func value(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth < 6 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(.random(in: .min ... .max, using: &generator))
        case 3: return .integer(.random(in: -10...10, using: &generator))
        case 4:
            let number = Double(bitPattern: generator.next())
            return .number(number.isFinite ? number : 0.5)
        case 5: return .string(text(&generator))
        case 6: return .array((0..<4).map { _ in value(depth: depth + 1, &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<4 { object[text(&generator)] = value(depth: depth + 1, &generator) }
            return .object(object)
        }
    }

    /// Any scalars but U+0000, which JSON text must not have here.
    private static func text(_ generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let limits: [UInt32] = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF]
            let limit = limits.randomElement(using: &generator) ?? 0x7F
            if let scalar = Unicode.Scalar(UInt32.random(in: 1...limit, using: &generator)) { text.append(scalar) }
        }
        return String(text)
    }
}

@Suite("A JSON tree")
struct JSONValueTests {
    @Test("members are found, set, replaced and removed, in order")
    func object() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["c"] = 3
        object["a"] = "x"
        object["b"] = nil
        object["nothing"] = nil
        #expect(object.keys == ["a", "c"])
        #expect(object["a"] == "x")
        #expect(object["b"] == nil)
        #expect(JSONObject().isEmpty)
    }

    @Test("a value is only what it is")
    func accessors() {
        let value: JSONValue = ["text": "a", "integer": 1, "flag": true, "list": [1]]
        #expect(value["text"]?.text == "a" && value["text"]?.integer == nil)
        #expect(value["integer"]?.integer == 1 && value["integer"]?.text == nil)
        #expect(value["flag"]?.flag == true && value["flag"]?.integer == nil)
        #expect(value["list"]?.elements == [1] && value["list"]?["a"] == nil)
        #expect(value["absent"] == nil)
    }
}
