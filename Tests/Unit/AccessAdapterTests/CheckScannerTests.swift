import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The body of a check, read in one pass")
struct CheckScannerTests {
    /// What the ordinary reader makes of it; nil for what is wrong.
    private func read(_ text: String) -> CheckBody? {
        let request = Request(
            method: .post, path: "/", headers: Headers([("Content-Type", "application/json")]), body: Array(text.utf8))
        return try? request.read(CheckBody.self)
    }

    private func isSame(_ left: CheckBody, _ right: CheckBody) -> Bool {
        let (one, two) = (left.question, right.question)
        return one.service == two.service && one.credential == two.credential && one.anonymous == two.anonymous
            && one.method == two.method && one.path == two.path && one.permission == two.permission
            && left.cost == right.cost && left.isDryRun == right.isDryRun
            && left.request == right.request
    }

    @Test(
        "what services send all day is taken, and read as the ordinary reader reads it",
        arguments: [
            #"{"service":"one","credential":"gpk_x","method":"GET","path":"/a?b=c"}"#,
            #"{ "credential" : "t" , "service" : "one" , "permission" : "documents:read" , "cost" : 0 }"#,
            #"{"service":"one","anonymous":{"address":"192.0.2.7"},"cost":1000000,"dry_run":true}"#,
            #"{"service":"one","anonymous":{"device":"d","address":"2001:db8::1"},"dry_run":false,"cost":17}"#,
            #"{"service":"one","credential":"t","request":"a1B2-c3.d4_e5"}"#,
            "\n\t{\r\n\"service\":\"one\",\"credential\":\"t\"}\n",
        ])
    func taken(_ text: String) throws {
        let scanned = try #require(CheckScanner.scan(Array(text.utf8)))
        #expect(isSame(scanned, try #require(read(text))))
    }

    @Test(
        "what is unusual or wrong is left to the ordinary reader",
        arguments: [
            "", "{", "{}", "[]", "null", #"{"service":"one"}"#, #"{"service":"one","credential":"t"} x"#,
            #"{"service":"one","credential":"t",}"#, #"{"service":"one","service":"one","credential":"t"}"#,
            #"{"service":"one","credential":null}"#, #"{"service":"","credential":"t"}"#,
            #"{"service":"one","credential":"\u0041"}"#, #"{"service":"one","credential":"é"}"#,
            "{\"service\":\"one\",\"credential\":\"a\u{7F}\"}", "{\"service\":\"one\",\"credential\":\"a\nb\"}",
            #"{"service":"one","credential":"t","cost":-1}"#, #"{"service":"one","credential":"t","cost":01}"#,
            #"{"service":"one","credential":"t","cost":1000001}"#, #"{"service":"one","credential":"t","cost":1.0}"#,
            #"{"service":"one","credential":"t","cost":99999999999999999999}"#,
            #"{"service":"one","credential":"t","dry_run":"true"}"#,
            #"{"service":"one","credential":"t","dry_run":truex}"#,
            #"{"service":"one","credential":"t","request":"short"}"#,
            #"{"service":"one","credential":"t","request":"with a space in it"}"#,
            #"{"service":"one","credential":"t","other":1}"#, #"{"service":"one","anonymous":{}}"#,
            #"{"service":"one","anonymous":{"address":"nowhere"}}"#, #"{"service":"one","anonymous":"192.0.2.7"}"#,
            #"{"service":"one","credential":"t","permission":"none"}"#, #"{"service":"one" "credential":"t"}"#,
        ])
    func left(_ text: String) { #expect(CheckScanner.scan(Array(text.utf8)) == nil) }

    @Test("of any text, changed in any way, both take the same or the scanner takes nothing")
    func sameAsReader() {
        let seeds = [
            #"{"service":"one","credential":"gpk_x","method":"GET","path":"/a?b=c","cost":10,"dry_run":true}"#,
            #"{"service":"one","anonymous":{"address":"192.0.2.7","device":"d.e"},"permission":"a:b","request":"request-1"}"#,
        ].map { Array($0.utf8) }
        let pool = Array("{}[]:,\"\\ \n0123456789truefalsn\u{7F}é".utf8)
        var generator = SeededGenerator(seed: 11)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(pool[Int.random(in: 0..<pool.count, using: &generator)], at: index)
                default: bytes[index] = pool[Int.random(in: 0..<pool.count, using: &generator)]
                }
            }
            guard let scanned = CheckScanner.scan(bytes) else { continue }
            taken += 1
            let text = String(decoding: bytes, as: UTF8.self)
            let ordinary = read(text)
            #expect(ordinary.map { isSame(scanned, $0) } == true, "\(text)")
        }
        #expect(taken > 4_000)
    }
}

@Suite("A decision, written by hand")
struct DecisionWriterTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_123)

    private func answers() -> [AccessAnswer] {
        let limit = BindingLimit(policy: "one-day", limit: 50, used: 60, window: WindowUnit.day.window(at: now))
        let callers: [Caller?] = [
            nil, .anonymous,
            Caller(
                kind: .user, userID: SequentialIdentifiers.identifier(1),
                tenantID: TenantID(SequentialIdentifiers.identifier(2)), roles: ["admin", "support"], plan: .pro),
            Caller(kind: .key, userID: SequentialIdentifiers.identifier(3), plan: .free),
            Caller(serviceAccount: ServiceAccountID(SequentialIdentifiers.identifier(4)), plan: .free),
        ]
        let denials: [DenialReason?] = [nil] + DenialReason.allCases.map { $0 }
        return callers.flatMap { caller in
            denials.flatMap { denial in
                [limit, nil].map { binding in
                    AccessAnswer(
                        decision: Decision(
                            id: DecisionID(Identifier(high: 0x0190_ABCD_EF01_7234, low: .max)), denial: denial,
                            caller: caller, binding: binding, exceedsSoftLimit: binding == nil,
                            isDegraded: binding != nil, decidedAt: now),
                        service: nil, email: denial == nil ? EmailAddress("o'ana@example.com") : nil,
                        refusal: denial.map { reason in
                            RefusalDetails(
                                reference: "d_sealed-1",
                                missing: reason == .permissionDenied ? Permission("one:use") : nil)
                        })
                }
            }
        }
    }

    @Test("it is byte for byte what its description says")
    func same() {
        for answer in answers() {
            var writer = JSONWriter()
            DecisionAnswer.shape.write(DecisionAnswer(answer: answer), &writer)
            #expect(
                String(decoding: DecisionWriter.write(answer), as: UTF8.self)
                    == String(decoding: writer.bytes, as: UTF8.self))
        }
    }
}
