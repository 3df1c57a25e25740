import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Which gateway asks", .eachWarmth)
struct RecognizeGatewayTests {
    private let scene = DecisionScene()

    init() throws {
        try scene.addService()
    }

    @Test("a key with the service's scope may ask about it, if its owner may")
    func recognized() async throws {
        scene.addUser(rights: ["access:check"])
        let key = try scene.addKey(scopes: ["access:check:one"])
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .recognized(key.id))
        #expect(try await scene.recognize(key: "gpk_key", for: nil) == .recognized(key.id))
        #expect(try await scene.recognize(key: "gpk_key", for: "two") == .notAllowed)
        #expect(try await scene.recognize(key: "gpk_key", for: "no slug") == .notAllowed)
        #expect(try await scene.recognize(key: "gpk_other", for: "one") == .invalidKey)
    }

    @Test(
        "without the scope, or without the right of its owner, it may not",
        arguments: [
            (["access:check:two"], ["*:*"]), (["one:use"], ["*:*"]), (["access:check"], ["access:check:two"]),
            (["access:*"], []), ([], ["*:*"]),
        ])
    func notAllowed(_ scopes: [String], _ rights: [String]) async throws {
        scene.addUser(rights: rights)
        try scene.addKey(scopes: scopes)
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .notAllowed)
    }

    @Test("a scope for every service is good for those that are not known too")
    func every() async throws {
        scene.addUser(rights: ["*:*"])
        let key = try scene.addKey(scopes: ["access:check"])
        #expect(try await scene.recognize(key: "gpk_key", for: "unknown") == .recognized(key.id))
    }

    @Test("a key of somebody who is blocked or gone, and one of a tenant, is none")
    func invalid() async throws {
        try scene.addKey(scopes: ["access:check"])
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .invalidKey)
        scene.addUser(rights: ["*:*"], isGood: false)
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .invalidKey)
        try scene.addKey(.tenant(DecisionScene.tenant), scopes: ["access:check"])
        #expect(try await scene.recognize(key: "gpk_key", for: "one") == .invalidKey)
    }
}
