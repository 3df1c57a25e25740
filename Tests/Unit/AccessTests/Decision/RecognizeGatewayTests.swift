import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Which gateway asks", .eachCacheLevel)
struct RecognizeGatewayTests {
    private let scene = DecisionScene()

    init() throws {
        try scene.addService()
    }

    @Test("a gateway's key asks about the services that it lists, whatever happens to whoever made it")
    func recognized() async throws {
        let key = try scene.addKey(.platform, services: ["one"])
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .recognized(key.id))
        #expect(try await scene.recognize(key: "gpk_key", for: nil) == .recognized(key.id))
        #expect(try await scene.recognize(key: "gpk_key", for: "two") == .notAllowed)
        #expect(try await scene.recognize(key: "gpk_key", for: "no slug") == .notAllowed)
        #expect(try await scene.recognize(key: "gpk_other", for: "one") == .invalidKey)
    }

    @Test(
        "a key of a person asks about nothing, whatever it lists and whatever its owner may do",
        arguments: [(["one"], ["access:check:one"]), (["*"], ["access:check"]), (["one", "gapura"], ["*:*"])])
    func notAllowed(_ services: [String], _ scopes: [String]) async throws {
        scene.addUser(rights: ["*:*"])
        try scene.addKey(services: services, scopes: scopes)
        for service in ["one", nil] {
            #expect(try await scene.recognize(key: "gpk_key", for: service) == .notAllowed)
        }
    }

    @Test("a key for every service asks about those that are not known too")
    func every() async throws {
        let key = try scene.addKey(.platform, services: ["*"])
        for name in ["one", "unknown"] {
            #expect(try await scene.recognize(key: "gpk_key", for: name) == .recognized(key.id))
        }
    }
}
