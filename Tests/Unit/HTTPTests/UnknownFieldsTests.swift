import HTTP
import JSON
import Shared
import Testing

private struct Limit: Input {
    let amount: Int?

    init(_ fields: inout Fields) { amount = fields.optional("amount", .integer(0...9)) }
}

private struct Plan: Input {
    let name: String?
    let end: Ending?

    init(_ fields: inout Fields) {
        name = fields.optional("name", .text(1...9))
        _ = fields.optional("limit", .object) as Limit?
        _ = fields.optional("limits", .list(of: .object, 0...9)) as [Limit]?
        end = fields.ending()
    }
}

private struct SignIn: LenientInput {
    let name: String

    init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...9))
        _ = fields.optional("limit", .object) as Limit?
    }
}

@Suite("What nobody asked for")
struct UnknownFieldsTests {
    private func errors<T: Input>(_ type: T.Type, _ object: JSONObject) -> [FieldError] {
        let problem = #expect(throws: Problem.self) { try Fields.read(type, from: object) }
        #expect(problem?.kind == .validationFailed)
        return problem?.fieldErrors ?? []
    }

    private func request(_ query: String?, body: String = "") -> Request {
        Request(
            method: .post, path: "/", query: query, headers: Headers([("Content-Type", "application/json")]),
            body: Array(body.utf8))
    }

    @Test("is refused by name, in the body and in every object inside of it")
    func members() {
        #expect(errors(Plan.self, ["nmae": "x", "hours": 1]).map(\.field) == ["nmae", "hours"])
        #expect(errors(Plan.self, ["hours": 1]) == [FieldError("hours", "is not known here")])
        #expect(errors(Plan.self, ["limit": ["amuont": 1]]).map(\.field) == ["limit.amuont"])
        #expect(errors(Plan.self, ["limits": [["amount": 1], ["amuont": nil]]]).map(\.field) == ["limits[1].amuont"])
        #expect(errors(Plan.self, ["name": "", "hours": 1]).map(\.field) == ["name", "hours"])
    }

    @Test("is not repeated if it is no name, and no thousand of them are told")
    func names() {
        for text in ["", "a b", "<script>", "a\u{202E}", "\u{E9}", String(repeating: "a", count: 65)] {
            #expect(errors(Plan.self, JSONObject([(text, 1)])).map(\.field) == ["*"], "\(text)")
        }
        #expect(errors(Plan.self, JSONObject((0..<1_000).map { ("a\($0)", JSONValue.integer(1)) })).count == 50)
        #expect(
            errors(Plan.self, JSONObject((0..<1_000).map { ("\($0) ", JSONValue.integer(1)) })).map(\.field) == ["*"])
    }

    @Test("is passed over in what everybody may send who wants to sign in, but not in the objects of it")
    func lenient() throws {
        #expect(try Fields.read(SignIn.self, from: ["name": "ana", "utm_source": "x"]).name == "ana")
        #expect(try request("name=ana&fbclid=x&fbclid=y").readQuery(SignIn.self).name == "ana")
        #expect(errors(SignIn.self, ["name": "ana", "limit": ["amuont": 1]]).map(\.field) == ["limit.amuont"])
    }

    @Test("is refused by name in a query, and so is what stands there twice, be it lenient or not")
    func parameters() {
        func fields<T: Input>(_ type: T.Type, _ query: String) -> [String] {
            let problem = #expect(throws: Problem.self) { try request(query).readQuery(type) }
            return problem?.fieldErrors.map(\.field) ?? []
        }
        #expect(fields(Plan.self, "user_id=1&name=a") == ["user_id"])
        #expect(fields(Plan.self, "name=a&name=a") == ["name"])
        #expect(fields(Plan.self, "b=1&b=1&name=a") == ["b"])
        #expect(fields(SignIn.self, "name=a&name=b") == ["name"])
    }

    @Test("is refused where nothing is read at all")
    func nothing() throws {
        try request(nil).refuseQuery()
        try request("").refuseQuery()
        #expect(throws: Problem.self) { try request("force=true").refuseQuery() }
        try request(nil).refuseBody()
        try request(nil, body: "{}").refuseBody()
        for (body, field) in [(#"{"until": 1}"#, "until"), ("[]", "body"), ("text", "body"), ("null", "body")] {
            let problem = #expect(throws: Problem.self) { try request(nil, body: body).refuseBody() }
            #expect(problem?.fieldErrors.map(\.field) == [field], "\(body)")
        }
    }

    @Test("is told in the schema, of inner objects too, and not of what is lenient")
    func schema() {
        let schema = JSONValue.object(Fields.schema(of: Plan.self))
        #expect(schema["additionalProperties"] == false)
        #expect(schema["properties"]?["limit"]?["additionalProperties"] == false)
        #expect(schema["properties"]?["limits"]?["items"]?["additionalProperties"] == false)
        #expect(Fields.schema(of: SignIn.self)["additionalProperties"] == nil)
    }

    @Test("an operation says whether it passes over what it does not name")
    func operations() {
        let everyone = Operation("a", "A", tag: "A")
        let signedIn = Operation("b", "B", tag: "B", security: .signedIn)
        #expect(everyone.ignoresUnknown && everyone.withQuery(SignIn.self).ignoresUnknown)
        #expect(!everyone.withQuery(Plan.self).ignoresUnknown && !everyone.withBody(Plan.self).ignoresUnknown)
        #expect(!signedIn.ignoresUnknown && !signedIn.withBody(Plan.self).ignoresUnknown)
    }

    @Test("an end is a time or a duration, and not both")
    func ending() throws {
        let moment = Timestamp(seconds: 1_800_000_000)
        #expect(try Fields.read(Plan.self, from: ["until": .string(moment.description)]).end == .at(moment))
        #expect(try Fields.read(Plan.self, from: [:]).end == nil)
        for (text, seconds) in [
            ("7d", 604_800), ("P7D", 604_800), ("P2W", 1_209_600), ("PT90M", 5_400), ("P1DT1S", 86_401),
            ("12h", 43_200),
            ("99999s", 99_999), ("P9999W", 6_047_395_200), ("9999d", 863_913_600),
        ] as [(JSONValue, Int64)] {
            #expect(try Fields.read(Plan.self, from: ["for": text]).end == .after(.seconds(seconds)), "\(text)")
        }
        for text in [
            "", "7", "0d", "07d", "7D", "-7d", "7 d", "10000d", "100000s", "P", "PT", "P0D", "P1M", "P1Y", "P1H",
            "PT1D",
            "P1WT1H", "P1W1D", "PT1S1M", "P1.5D", "p1d", "P10000D", "P\u{661}D", "5ms",
        ] {
            #expect(errors(Plan.self, ["for": .string(text)]).map(\.field) == ["for"], "\(text)")
        }
        let both: JSONObject = ["until": .string(moment.description), "for": "P7D"]
        #expect(errors(Plan.self, both) == [FieldError("for", "cannot be given beside until")])
        #expect(Ending.after(.seconds(60)).moment(from: moment) == moment + .seconds(60))
        #expect(Ending.at(moment).moment(from: moment + .seconds(60)) == moment)
    }
}
