import AccountsApplication
import AccountsContract
import Crypto
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("What Accounts signs for other modules")
struct SharedTokenSigningTests {
    /// All that an access token of the person says.
    private func claims(_ person: Person) -> [UInt8] {
        let now = person.house.clock.now.seconds
        let claims: JSONValue = [
            "iss": .string(AccountsHouse.appURL), "aud": .string(AccountsHouse.appURL),
            "sub": .string(person.userID.description), "sid": .string(person.caller.sessionID.description),
            "iat": .integer(now), "exp": .integer(now + 60),
        ]
        return claims.serialized
    }

    @Test("it is signed by a published key, and nobody is signed in by it, whatever it says")
    func refused() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let adapters = person.adapters
            let signing = SharedTokenSigning(keys: adapters.keys, issuer: AccountsHouse.appURL)
            let token = try signing.sign(claims: claims(person), type: "gapura-identity+jwt")
            #expect(token.keyID == signing.keyID && signing.issuer == AccountsHouse.appURL)
            let verifier = JWTVerifier(
                type: "gapura-identity+jwt", issuer: AccountsHouse.appURL, audience: AccountsHouse.appURL)
            let key = try #require(adapters.keys.verificationKey(token.keyID))
            _ = try verifier.verify(token.text, at: person.house.clock.now) { _ in key }
            #expect(try await person.useCases.facade.caller(accessToken: token.text) == nil)
            let genuine = person.signedIn.accessToken.text.reveal()
            #expect(try await person.useCases.facade.caller(accessToken: genuine) != nil)
        }
    }

    @Test("access tokens are made by Accounts alone", arguments: ["at+jwt", "AT+JWT", "application/at+jwt"])
    func ownType(_ type: String) async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let adapters = person.adapters
            let signing = SharedTokenSigning(keys: adapters.keys, issuer: AccountsHouse.appURL)
            #expect(throws: InternalFailure.self) { try signing.sign(claims: claims(person), type: type) }
        }
    }
}
