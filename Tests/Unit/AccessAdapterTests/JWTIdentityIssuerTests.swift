import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContractDoubles
import Crypto
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The identity that services see")
struct JWTIdentityIssuerTests {
    private let signing: TokenSigningDouble
    private let issuer: JWTIdentityIssuer
    private let clock = ManualClock()
    private let user = SequentialIdentifiers.identifier(1)

    init() throws {
        signing = try TokenSigningDouble()
        issuer = JWTIdentityIssuer(signing: signing, identifiers: SequentialIdentifiers(), capacity: 100)
    }

    private func service(_ number: UInt64 = 2, audience: String = "https://one.example.com") throws -> RegisteredService
    {
        RegisteredService(
            id: ServiceID(SequentialIdentifiers.identifier(number)), slug: try #require(ServiceSlug("one")),
            rules: ServiceRules(name: "One", audience: audience, upstream: "http://127.0.0.1:9000", routes: []),
            createdAt: clock.now, updatedAt: clock.now)
    }

    private func caller(roles: [String] = ["support"], plan: PlanCode = .pro) -> Caller {
        Caller(kind: .user, userID: user, roles: roles, plan: plan)
    }

    private func verify(
        _ token: String, type: String = "gapura-identity+jwt", audience: String = "https://one.example.com",
        after seconds: Int = 0
    ) throws -> JSONValue {
        try JWTVerifier(type: type, issuer: signing.issuer, audience: audience).verify(
            token, at: clock.now + .seconds(seconds)
        ) { $0 == signing.keyID ? signing.key.publicKey : nil }
    }

    @Test("it says who, how, by which plan and for whom, and nothing of the session")
    func claims() throws {
        let token = try issuer.identity(of: caller(), for: try service(), at: clock.now)
        let claims = try verify(token)
        #expect(claims["sub"]?.text == user.description && claims["kind"]?.text == "user")
        #expect(claims["roles"] == ["support"] && claims["plan"]?.text == "pro" && claims["tenant"] == .null)
        #expect(claims["iss"]?.text == signing.issuer && claims["aud"]?.text == "https://one.example.com")
        #expect(claims["exp"]?.integer == clock.now.seconds + 60 && claims["iat"]?.integer == clock.now.seconds)
        #expect(claims["sid"] == nil && claims["email"] == nil && claims["roles_cut"] == nil)
    }

    @Test("nobody signed in, and a tenant's key, have an identity too")
    func others() throws {
        let nobody = try verify(try issuer.identity(of: .anonymous, for: try service(), at: clock.now))
        #expect(nobody["sub"]?.text == "anonymous" && nobody["kind"]?.text == "anonymous")
        let tenant = TenantID(SequentialIdentifiers.identifier(7))
        let key = Caller(kind: .key, tenantID: tenant, plan: .enterprise)
        let claims = try verify(try issuer.identity(of: key, for: try service(), at: clock.now))
        #expect(claims["sub"]?.text == tenant.description && claims["tenant"]?.text == tenant.description)
    }

    @Test("a service account's subject says what it is, and is not taken for a person of the same identifier")
    func serviceAccounts() throws {
        let robot = Caller(serviceAccount: ServiceAccountID(user), plan: .pro)
        let person = try issuer.identity(of: caller(roles: []), for: try service(), at: clock.now)
        let token = try issuer.identity(of: robot, for: try service(), at: clock.now)
        #expect(token != person)
        let claims = try verify(token)
        #expect(claims["sub"]?.text == "service_account:\(user)" && claims["kind"]?.text == "service_account")
        #expect(claims["roles"] == [] && claims["plan"]?.text == "pro")
        #expect(try issuer.identity(of: robot, for: try service(), at: clock.now) == token)
    }

    @Test("it is no access token, is for no other service, and ends after a minute")
    func refusals() throws {
        let token = try issuer.identity(of: caller(), for: try service(), at: clock.now)
        #expect(throws: JWTError.type) { try verify(token, type: "at+jwt") }
        #expect(throws: JWTError.audience) { try verify(token, audience: "https://two.example.com") }
        #expect(throws: JWTError.expired) { try verify(token, after: 60) }
    }

    @Test("it is signed again after half a minute, so that it always has half a minute left")
    func kept() throws {
        let first = try issuer.identity(of: caller(), for: try service(), at: clock.now)
        clock.advance(by: .seconds(30) - .milliseconds(1))
        #expect(try issuer.identity(of: caller(), for: try service(), at: clock.now) == first)
        clock.advance(by: .milliseconds(1))
        #expect(try issuer.identity(of: caller(), for: try service(), at: clock.now) != first)
    }

    @Test("other roles, another plan, another service, another audience: another identity")
    func changed() throws {
        let first = try issuer.identity(of: caller(), for: try service(), at: clock.now)
        let others = [
            try issuer.identity(of: caller(roles: []), for: try service(), at: clock.now),
            try issuer.identity(of: caller(plan: .free), for: try service(), at: clock.now),
            try issuer.identity(of: caller(), for: try service(3), at: clock.now),
            try issuer.identity(of: caller(), for: try service(audience: "other"), at: clock.now),
        ]
        #expect(Set(others + [first]).count == 5)
    }

    @Test("it stays under 1 KB, whatever roles there are, and says that some are left out")
    func size() throws {
        let roles = (0..<100).map { "role-with-a-rather-long-name-\($0)" }
        let token = try issuer.identity(of: caller(roles: roles), for: try service(), at: clock.now)
        #expect(token.utf8.count < 1_024)
        let claims = try verify(token)
        #expect(claims["roles_cut"] == true)
        let told = try #require(claims["roles"]?.elements).compactMap(\.text)
        #expect(!told.isEmpty && told == Array(roles.prefix(told.count)))
    }
}

@Suite("The cookie of a device")
struct DeviceSignatureTests {
    private let signature = DeviceSignature(secret: Secret([UInt8](repeating: 7, count: 32)))
    private let device = SequentialIdentifiers.identifier(5)

    @Test("its own text is read again")
    func genuine() { #expect(signature.device(in: signature.text(of: device)) == device) }

    @Test("what is changed, cut, made longer or signed by another key is none")
    func forged() {
        let text = signature.text(of: device)
        for index in text.indices where text[index] != "." {
            var bytes = Array(text.utf8)
            let offset = text.distance(from: text.startIndex, to: index)
            bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
            #expect(signature.device(in: String(decoding: bytes, as: UTF8.self)) == nil)
        }
        let other = DeviceSignature(secret: Secret([UInt8](repeating: 8, count: 32)))
        for bad in ["", ".", "..", String(text.dropLast()), text + "A", text + ".x", other.text(of: device)] {
            #expect(signature.device(in: bad) == nil)
        }
    }
}
