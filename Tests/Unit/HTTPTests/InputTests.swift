import HTTP
import JSON
import Shared
import Testing

/// An input with a field of every sort.
private struct Sample: Input {
    let email: EmailAddress
    let name: String?
    let count: Int
    let code: String?

    init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        name = fields.optional("name", .text(2...5))
        count = fields.required("count", .integer(1...9))
        code = fields.optional("code", .opaque(max: 4))
    }
}

@Suite("Input")
struct InputTests {
    private func read(_ object: JSONObject) throws -> Sample { try Fields.read(Sample.self, from: object) }

    private func errors(_ object: JSONObject) throws -> [FieldError] {
        let problem = #expect(throws: Problem.self) { try read(object) }
        #expect(problem?.kind == .validationFailed)
        return try #require(problem).fieldErrors
    }

    @Test("good fields are read")
    func good() throws {
        let input = try read(["email": "Ana@example.com", "name": "Ana", "count": 9])
        #expect(input.email.text == "Ana@example.com")
        #expect(input.name == "Ana")
        #expect(input.count == 9)
        #expect(input.code == nil)
    }

    @Test("a number is a number in JSON, and digits in a query or form")
    func numbers() throws {
        for text in ["5", "+5", "05", "5.0", ""] {
            #expect(try errors(["email": "ana@example.com", "count": .string(text)]).map(\.field) == ["count"])
        }
        for number in [5.5, 0.0, 10.0, -1e300, .infinity, .nan] {
            #expect(try errors(["email": "ana@example.com", "count": .number(number)]).map(\.field) == ["count"])
        }
        #expect(try read(["email": "ana@example.com", "count": .number(5.0)]).count == 5)
        let form = try #require(FormData("email=ana%40example.com&count=5&name=12"))
        let input = try Fields.read(Sample.self, from: form)
        #expect(input.count == 5)
        #expect(input.name == "12")
        for text in ["", "x", "5.0", "0x5", "10", "-1", "99999999999999999999", "%205"] {
            let form = try #require(FormData("email=ana%40example.com&count=\(text)"))
            let problem = #expect(throws: Problem.self) { try Fields.read(Sample.self, from: form) }
            #expect(problem?.fieldErrors.map(\.field) == ["count"], "\(text)")
        }
    }

    @Test("every bad field is told at once, in the order of the input, without its value")
    func everyError() throws {
        let errors = try errors(["email": "secret value", "name": "toolong", "count": 10, "code": ""])
        #expect(errors.map(\.field) == ["email", "name", "count", "code"])
        #expect(errors[1].message == "must have 2 to 5 characters")
        #expect(errors[2].message == "must be a whole number from 1 to 9")
        #expect(!errors.contains { $0.message.contains("secret") })
    }

    @Test("a missing field is told; null is missing where it is optional and wrong where it is required")
    func missing() throws {
        #expect(try errors([:]) == [FieldError("email", "is missing"), FieldError("count", "is missing")])
        #expect(try errors(["email": nil, "name": nil, "count": 1]).map(\.field) == ["email"])
    }

    /// An input of which one field is needed.
    private struct Proof: Input {
        let password: String?
        let code: String?

        init(_ fields: inout Fields) {
            password = fields.optional("password", .opaque(max: 8))
            code = fields.optional("code", .opaque(max: 4))
            fields.needsOne(of: "password", "code")
        }
    }

    @Test(
        "of several fields one is needed, and not as null; the schema says so",
        arguments: [[:], ["code": nil]] as [JSONObject])
    func needsOne(_ object: JSONObject) throws {
        let problem = #expect(throws: Problem.self) { try Fields.read(Proof.self, from: object) }
        #expect(problem?.fieldErrors == [FieldError("password", "is missing, and so is code")])
        #expect(try Fields.read(Proof.self, from: ["password": nil, "code": "1"]).code == "1")
        let schema = Fields.schema(of: Proof.self)
        #expect(schema["description"] == "Needs `password` or `code`.")
        #expect(schema["x-needs-one-of"] == [["password", "code"]])
        #expect(schema["anyOf"] == nil && schema["properties"]?["password"] != nil)
    }

    @Test("where null is as good as nothing, it is among the choices that the schema lists")
    func nullAmongChoices() {
        struct Choosing: Input {
            init(_ fields: inout Fields) {
                _ = fields.optional("locale", .choice(["en", "id"]))
                _ = fields.required("kind", .choice(["a"]))
            }
        }
        let properties = Fields.schema(of: Choosing.self)["properties"]
        #expect(properties?["locale"] == ["type": ["string", "null"], "enum": ["en", "id", nil]])
        #expect(properties?["kind"] == ["type": "string", "enum": ["a"]])
    }

    @Test(
        "a text is counted in Unicode scalars and has no control characters",
        arguments: [
            ("ab", true), ("\u{1F511}\u{1F511}", true), ("e\u{301}", true), ("a", false), ("abcdef", false),
            ("a\nb", false), ("a\u{7F}b", false), ("a\u{0}b", false),
        ])
    func text(_ text: String, _ isGood: Bool) throws {
        let object: JSONObject = ["email": "ana@example.com", "count": 1, "name": .string(text)]
        #expect(((try? read(object)) != nil) == isGood)
    }

    @Test("values of another kind are refused", arguments: ["email", "name", "count", "code"])
    func otherKinds(_ field: String) throws {
        for value in [true, 1.5, [1], ["a": 1]] as [JSONValue] {
            var object: JSONObject = ["email": "ana@example.com", "name": "Ana", "count": 1, "code": "x"]
            object[field] = value
            #expect(try errors(object).map(\.field) == [field])
        }
    }

    @Test("the schema comes from the same initialiser")
    func schema() throws {
        let schema = Fields.schema(of: Sample.self)
        #expect(schema["type"] == "object")
        #expect(schema["required"] == ["email", "count"])
        let properties = try #require(schema["properties"])
        #expect(properties["email"]?["format"] == "email")
        #expect(properties["email"]?["type"] == "string")
        #expect(properties["count"]?["maximum"] == 9)
        #expect(properties["name"]?["type"] == ["string", "null"])
        #expect(properties["name"]?["maxLength"] == 5)
    }

    @Test("JSON bodies: the content type, the syntax and the fields each have their own answer")
    func jsonBodies() throws {
        func kind(_ body: String, _ contentType: String? = "application/json") -> ProblemKind? {
            let headers = contentType.map { [("Content-Type", $0)] } ?? []
            let request = Request(method: .post, path: "/", headers: Headers(headers), body: Array(body.utf8))
            do throws(Problem) {
                _ = try request.read(Sample.self)
                return nil
            } catch {
                return error.kind
            }
        }
        let good = #"{"email": "ana@example.com", "count": 1}"#
        #expect(kind(good) == nil)
        #expect(kind(good, "Application/JSON ; charset=utf-8") == nil)
        #expect(kind(good, nil) == .unsupportedMediaType)
        #expect(kind(good, "text/json") == .unsupportedMediaType)
        #expect(kind(good, "application/x-www-form-urlencoded") == .unsupportedMediaType)
        #expect(kind("") == .badJSON)
        #expect(kind("{") == .badJSON)
        #expect(kind(#"{"count": 1, "count": 1}"#) == .badJSON)
        #expect(kind("[]") == .validationFailed)
        #expect(kind("{}") == .validationFailed)
    }

    @Test("forms are read as JSON is, with numbers as text")
    func formBodies() throws {
        let request = Request(
            method: .post, path: "/", headers: Headers([("Content-Type", "application/x-www-form-urlencoded")]),
            body: Array("email=ana%40example.com&count=7&name=A+b".utf8))
        let input = try request.read(Sample.self, formats: [.json, .form])
        #expect(input.email.text == "ana@example.com")
        #expect(input.count == 7)
        #expect(input.name == "A b")
        let broken = Request(
            method: .post, path: "/", headers: Headers([("Content-Type", "application/x-www-form-urlencoded")]),
            body: [0x61, 0x3D, 0xFF])
        let problem = #expect(throws: Problem.self) { try broken.read(Sample.self, formats: [.form]) }
        #expect(problem?.kind == .badForm)
    }

    @Test(
        "form data is decoded strictly",
        arguments: [
            ("", [:]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a=1&a=2", ["a": "1"]), ("a", ["a": ""]),
            ("a=b=c", ["a": "b=c"]),
            ("&&a=1&", ["a": "1"]), ("a+b=c+d", ["a b": "c d"]), ("%61=%2B", ["a": "+"]), ("=x", ["": "x"]),
        ] as [(String, [String: String])])
    func formData(_ text: String, _ expected: [String: String]) throws {
        let object = try #require(FormData(text)).object
        #expect(Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, $0.value.text) }) == expected)
    }

    @Test(
        "form data with a broken escape, U+0000, no UTF-8 or too many pairs is none",
        arguments: ["a=%", "a=%4", "a=%zz", "a=%00", "%00=a", "a=%ff", String(repeating: "a=1&", count: 201)])
    func badFormData(_ text: String) {
        #expect(FormData(text) == nil)
    }

    @Test("percent-encoding escapes everything but the unreserved characters, and comes back")
    func percent() {
        let text = "aZ09-._~ !*'();:@&=+$,/?%#[]\u{E9}\u{1F511}"
        let encoded = PercentCoding.encode(text)
        #expect(encoded.hasPrefix("aZ09-._~%20%21%2A"))
        func decode(_ text: String, plusIsSpace: Bool = false) -> String? {
            PercentCoding.decode(text.utf8.span, plusIsSpace: plusIsSpace)
        }
        #expect(decode(encoded) == text)
        #expect(decode("plain") == "plain" && decode("") == "")
        #expect(decode("a+b") == "a+b" && decode("a+b", plusIsSpace: true) == "a b")
        #expect(decode("a%00b") == nil && decode("a\0b") == nil)
        #expect(decode("%") == nil && decode("a%4") == nil && decode("%zz") == nil && decode("%C3") == nil)
    }

    @Test(
        "people get pages and programs documents",
        arguments: [
            (nil, nil, true), ("*/*", nil, true), ("text/html,application/xhtml+xml", nil, true),
            ("application/json", nil, false),
            ("application/problem+json", nil, true), ("text/html, application/json", nil, true),
            ("application/activity+json, application/ld+json", nil, true), ("x/application/json", nil, true),
            ("application/problem+json, Application/JSON ;q=0.9", nil, false),
            ("text/html", "application/json", false),
        ] as [(String?, String?, Bool)])
    func wantsPage(_ accept: String?, _ contentType: String?, _ expected: Bool) {
        let headers = [accept.map { ("Accept", $0) }, contentType.map { ("Content-Type", $0) }].compactMap { $0 }
        #expect(Request(method: .get, path: "/", headers: Headers(headers)).wantsPage == expected)
    }
}
