import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("The domain of Accounts")
struct DomainTests {
    private let now = Timestamp(seconds: 1_790_000_000)

    @Test("a password has 8 to 256 characters, counted in Unicode scalars")
    func passwordLength() throws {
        #expect(throws: Password.Weakness.tooShort) { try Password(normalized: "1234567", for: nil) }
        _ = try Password(normalized: "12345678", for: nil)
        _ = try Password(normalized: String(repeating: "\u{1F511}", count: 256), for: nil)
        #expect(throws: Password.Weakness.tooLong) {
            try Password(normalized: String(repeating: "a", count: 257), for: nil)
        }
        #expect(throws: Password.Weakness.tooShort) {
            try Password(normalized: String(repeating: "\u{1F511}", count: 7), for: nil)
        }
    }

    @Test("a password may not be the address, in any case; nothing is trimmed")
    func passwordIsNotTheAddress() throws {
        let address = try #require(EmailAddress("Ana@Example.com"))
        #expect(throws: Password.Weakness.sameAsAddress) { try Password(normalized: "ana@example.COM", for: address) }
        let spaced = try Password(normalized: " ana@example.com ", for: address)
        #expect(spaced.text.reveal() == " ana@example.com ")
    }

    @Test("a password is not printed")
    func passwordIsNotPrinted() throws {
        let password = try Password(normalized: "correct horse", for: nil)
        #expect(!"\(password)".contains("horse"))
        #expect(!String(reflecting: password).contains("horse"))
    }

    @Test("being blocked hides being inactive, which hides being unverified")
    func obstacles() {
        var user = user()
        #expect(user.signInObstacle(at: now) == .notVerified)
        user.isActive = false
        #expect(user.signInObstacle(at: now) == .inactive)
        user.block = UserBlock(reason: "spam", until: now + .seconds(1))
        #expect(user.signInObstacle(at: now) == .blocked(until: now + .seconds(1)))
    }

    @Test("a block ends at its moment")
    func blockEnds() {
        var user = user()
        user.verify(at: now)
        user.block = UserBlock(reason: "spam", until: now)
        #expect(user.signInObstacle(at: now) == nil)
        #expect(user.signInObstacle(at: now - .milliseconds(1)) == .blocked(until: now))
    }

    @Test("verifying notes when")
    func verifying() {
        var user = user()
        user.verify(at: now + .seconds(5))
        #expect(user.isVerified)
        #expect(user.updatedAt == now + .seconds(5))
    }

    @Test("a session lives until it expires or is revoked")
    func sessionLife() {
        var session = Session(
            id: SessionID(SequentialIdentifiers.identifier(1)), userID: UserID(SequentialIdentifiers.identifier(2)),
            userAgent: nil, address: nil, createdAt: now, lastUsed: now, expiresAt: now + .seconds(10))
        #expect(session.isAlive(at: now + .milliseconds(9_999)))
        #expect(!session.isAlive(at: now + .seconds(10)))
        session.revokedAt = now
        #expect(!session.isAlive(at: now))
    }

    @Test("a second factor lifts a proof to aal2, and each method is named once")
    func proof() {
        let first = SignInProof([.password], at: now)
        #expect(first.level == .aal1)
        let both = first.and([.oneTimePassword], at: now + .seconds(1))
        #expect(
            both == SignInProof([.password, .oneTimePassword, .multipleFactors], level: .aal2, at: now + .seconds(1)))
        let again = both.and([.recoveryCode], at: now + .seconds(2))
        #expect(again.methodsText == "pwd otp rc mfa")
        #expect(SignInProof.methods(text: "pwd newer mfa") == [.password, .multipleFactors])
        #expect(AssuranceLevel.aal1 < .aal2)
    }

    @Test("a used link is used, even when it would have expired as well")
    func linkState() {
        var token = ValidationToken(
            id: ValidationID(SequentialIdentifiers.identifier(1)), userID: nil, purpose: .administrator,
            address: nil, createdAt: now, expiresAt: now + .seconds(10))
        #expect(token.state(at: now) == .open)
        #expect(token.state(at: now + .seconds(10)) == .expired)
        token.usedAt = now
        #expect(token.state(at: now) == .used)
        #expect(token.state(at: now + .seconds(10)) == .used)
    }

    @Test("of a user agent at most 256 characters are kept")
    func userAgentLength() {
        let client = ClientInfo(address: .loopback, userAgent: String(repeating: "x", count: 300))
        #expect(client.userAgent?.count == 256)
        #expect(client.personal["user_agent"] == client.userAgent)
        #expect(client.personal["address"] == "127.0.0.1")
        #expect(ClientInfo(address: .loopback, userAgent: nil).personal["user_agent"] == nil)
    }

    private func user() -> User {
        User(
            id: UserID(SequentialIdentifiers.identifier(1)), email: EmailAddress("ana@example.com")!, username: nil,
            passwordHash: nil, registeredFrom: nil, createdAt: now, updatedAt: now)
    }
}
