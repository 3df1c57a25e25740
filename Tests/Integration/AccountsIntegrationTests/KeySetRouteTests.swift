import HTTP
import HTTPSupport
import JSON
import Testing

@testable import AccountsInfrastructure

@Suite("The key set over REST")
struct KeySetRouteTests {
    @Test("verifies our tokens and may be cached")
    func keySet() async throws {
        try await withAccountsHouse { house in
            let client = RESTClient(try await house.routes())
            let keys = await client.get("/.well-known/jwks.json")
            #expect(keys.status == 200)
            #expect(keys["Cache-Control"] == "public, max-age=300")
            let key = try #require(try keys.json()["keys"]?.elements?.first)
            #expect(key["kty"]?.text == "EC")
            #expect(key["alg"]?.text == "ES256")
            #expect(key["d"] == nil)
        }
    }
}
