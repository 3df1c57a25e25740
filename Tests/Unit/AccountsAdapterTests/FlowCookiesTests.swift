import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Crypto
import HTTP
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The cookies of sign-ins with other companies")
struct FlowCookiesTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_123)

    private static func cookies(_ byte: UInt8 = 1, isSecure: Bool = true) throws -> FlowCookies {
        let secret = Secret([UInt8](repeating: byte, count: MasterKey.byteCount))
        return FlowCookies(seal: try CookieSeal(secret: secret), isSecure: isSecure)
    }

    private static let caller = SessionCaller(
        userID: UserID(SequentialIdentifiers.identifier(1)), sessionID: SessionID(SequentialIdentifiers.identifier(2)))

    private static func flow(
        _ intent: ProviderFlow.Intent = .signIn, issuer: String? = nil, returnTo: String? = nil,
        challenge: [UInt8]? = nil, invitation: String? = nil
    ) -> ProviderFlow {
        ProviderFlow(
            provider: ProviderName(openID: "acme"), intent: intent, startedAt: now,
            state: [UInt8](repeating: 0xFB, count: 16), secret: Secret([UInt8](repeating: 0xFF, count: 32)),
            issuer: issuer, returnTo: returnTo, challenge: challenge, invitation: invitation)
    }

    private func request(_ cookie: Cookie) -> Request {
        Request(method: .get, path: "/", headers: Headers([("Cookie", "a=b; \(cookie.name)=\(cookie.value); c=d")]))
    }

    private static let flows = [
        flow(), flow(.link(caller)), flow(.stepUp(caller)),
        flow(
            issuer: "https://issuer.example", returnTo: "/caf\u{E9}?x=1", challenge: [UInt8](repeating: 7, count: 32),
            invitation: "abc"),
    ]

    @Test("a flow comes back as it was sealed", arguments: flows)
    func comesBack(_ flow: ProviderFlow) throws {
        let cookies = try Self.cookies()
        let cookie = try #require(try cookies.begin(flow, Request(method: .get, path: "/"), at: Self.now).last)
        #expect(cookie.name.hasPrefix("__Host-gapura_flow_"))
        #expect(cookies.flow(of: flow.stateText, request(cookie)) == flow)
        #expect(ProviderFlow(bytes: flow.bytes) == flow)
    }

    @Test("what is cut, longer, of another version, under another key or another name opens nothing")
    func damage() throws {
        let flow = Self.flows[3]
        for count in 0..<flow.bytes.count { #expect(ProviderFlow(bytes: Array(flow.bytes.prefix(count))) == nil) }
        #expect(ProviderFlow(bytes: flow.bytes + [0]) == nil)
        #expect(ProviderFlow(bytes: [2] + flow.bytes.dropFirst()) == nil)
        let cookie = try #require(
            try Self.cookies().begin(flow, Request(method: .get, path: "/"), at: Self.now).last)
        #expect(try Self.cookies(2).flow(of: flow.stateText, request(cookie)) == nil)
        #expect(try Self.cookies(isSecure: false).flow(of: flow.stateText, request(cookie)) == nil)
        let seal = try CookieSeal(secret: Secret([UInt8](repeating: 1, count: MasterKey.byteCount)))
        #expect(seal.open(cookie.value, as: cookie.name) != nil)
        #expect(seal.open(cookie.value, as: cookie.name + "x") == nil)
    }

    @Test("the longest cookie is under two KiB, with all that stands around it")
    func length() throws {
        let flow = Self.flow(
            issuer: "https://" + String(repeating: "i", count: 150),
            returnTo: "/" + String(repeating: "a", count: ReturnRules.bytesMax - 1),
            challenge: [UInt8](repeating: 7, count: 32), invitation: String(repeating: "v", count: 64))
        let cookie = try #require(
            try Self.cookies().begin(flow, Request(method: .get, path: "/"), at: Self.now).last)
        #expect(cookie.header.utf8.count < 2_048)
    }

    @Test("each flow has a nonce, a verifier and a key of its own")
    func derived() throws {
        let protection = DerivedFlowProtection()
        let (first, second) = (
            Self.flow(),
            ProviderFlow(
                provider: .google, intent: .signIn, startedAt: Self.now, state: [UInt8](repeating: 1, count: 16),
                secret: Secret([UInt8](repeating: 0xFF, count: 32)))
        )
        #expect(protection.nonce(of: first) == protection.nonce(of: first))
        #expect(protection.nonce(of: first) != protection.nonce(of: second))
        #expect(protection.verifier(of: first).reveal() != protection.verifier(of: second).reveal())
        #expect(protection.verifier(of: first).reveal().utf8.count == 43)
        let sealed = try protection.seal([1, 2, 3], for: first)
        #expect(try protection.open(sealed, for: first) == [1, 2, 3])
        #expect(try protection.open(sealed, for: second) == nil)
    }

    @Test("an identity that waits for an address comes back from its cookie for a quarter of an hour")
    func pending() throws {
        let secret = Secret([UInt8](repeating: 1, count: MasterKey.byteCount))
        let cookies = PendingIdentityCookie(seal: try CookieSeal(secret: secret), isSecure: true)
        var claims = IdentityClaims(
            name: "Ana", givenName: "A", familyName: "L", picture: "https://i.example/a", locale: "id",
            hostedDomain: "example.com", tenantID: "t")
        func identity(_ claims: IdentityClaims) -> PendingIdentity {
            PendingIdentity(
                provider: .sber, profile: .double(email: nil, trust: .none, claims: claims),
                proof: SignInProof([.federated], at: Self.now), returnTo: "/x",
                challenge: [UInt8](repeating: 7, count: 32), madeAt: Self.now)
        }
        let cookie = try cookies.cookie(identity(claims))
        #expect(cookies.identity(of: request(cookie), at: Self.now) == identity(claims))
        #expect(cookies.identity(of: request(cookie), at: Self.now + .seconds(899)) != nil)
        #expect(cookies.identity(of: request(cookie), at: Self.now + .seconds(900)) == nil)
        claims.picture = "https://i.example/" + String(repeating: "a", count: 3_000)
        let long = try cookies.cookie(identity(claims))
        #expect(long.header.utf8.count < 4_096)
        #expect(cookies.identity(of: request(long), at: Self.now)?.profile.subject == "subject-1")
    }
}
