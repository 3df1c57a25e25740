import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Second factors over each database")
struct SecondFactorTests {
    private static let client = ClientInfo(address: .loopback, userAgent: "Test/1")

    @Test("of 200 uses of one code at once one opens a session")
    func oneCode() async throws {
        try await withProtectedAccount { account in
            let code = account.code(at: account.house.clock.now)
            try await account.expectOneSession(.totp, code)
        }
    }

    @Test("of 200 uses of one recovery code at once one opens a session")
    func oneRecoveryCode() async throws {
        try await withProtectedAccount { account in
            try await account.expectOneSession(.recoveryCode, account.recoveryCodes[0].reveal())
        }
    }

    @Test("the confirming code counts no more")
    func confirmingCode() async throws {
        try await withProtectedAccount { account in
            let outcome = try await account.finish(
                try await account.begin(), .totp, account.code(at: account.confirmedAt))
            guard case .refused(.invalidCredentials) = outcome else {
                Issue.record("the confirming code opened a session")
                return
            }
        }
    }

    @Test("neither a secret nor a recovery code is in the database, and a secret opens in its own row only")
    func atRest() async throws {
        try await withProtectedAccount { account in
            let rows = try await account.house.database.read { transaction in
                try transaction.query("SELECT id, secret FROM mfa_factors") {
                    (try $0.id(0) as FactorID, try $0.bytes(1))
                }
            }
            let (id, sealed) = try #require(rows.first)
            let secret = account.secret.reveal()
            #expect(!sealed.indices.contains { sealed[$0...].starts(with: secret) })
            let key = try AccountsHouse.masterKey()
            #expect(try key.unwrap(sealed, boundTo: "mfa_factors/\(id)/secret").reveal() == secret)
            #expect(throws: UnwrapError.notAuthentic) {
                try key.unwrap(sealed, boundTo: "mfa_factors/\(FactorID(account.house.identifiers.next()))/secret")
            }
            let hashes = try await account.house.database.read { transaction in
                try transaction.query("SELECT code_hash FROM recovery_codes") { try $0.bytes(0) }
            }
            #expect(hashes.count == 10 && Set(hashes).count == 10)
            for code in account.recoveryCodes {
                let text = Array(code.reveal().utf8)
                #expect(!hashes.contains(text) && !hashes.contains(SHA256.hash(text)))
            }
        }
    }

    private func withProtectedAccount(_ body: (ProtectedAccount) async throws -> Void) async throws {
        try await withPerson { person in try await body(try await ProtectedAccount(person)) }
    }
}

/// A person with an authenticator app and recovery codes, by the real adapters.
private struct ProtectedAccount: Sendable {
    let house: AccountsHouse
    let useCases: AccountsUseCases
    let email: EmailAddress
    let secret: Secret<[UInt8]>
    let recoveryCodes: [Secret<String>]
    let confirmedAt: Timestamp

    private static let client = ClientInfo(address: .loopback, userAgent: "Test/1")

    init(_ person: Person) async throws {
        house = person.house
        useCases = person.useCases
        email = person.email
        let signedIn = try await person.signIn()
        let caller = SessionCaller(userID: signedIn.account.user.id, sessionID: signedIn.session.id)
        guard case .waiting(let factor, let enrolment) = try await useCases.factors.add(name: "Phone", caller) else {
            throw InternalFailure("no factor was made")
        }
        let key = try AccountsHouse.masterKey()
        let secret = try key.unwrap(factor.sealedSecret, boundTo: "mfa_factors/\(factor.id)/secret")
        self.secret = secret
        #expect(enrolment.secret.reveal() == Base32.encode(secret.reveal()))
        confirmedAt = house.clock.now
        let code = HOTP.code(secret: secret, counter: UInt64(confirmedAt.seconds / 30))
        let proof = try #require(SecondFactorProof(.totp, text: code))
        let confirmed = try await useCases.factors.confirm(
            ConfirmFactorCommand(id: factor.id, proof: proof, caller: caller, client: Self.client))
        guard case .confirmed(_, let codes) = confirmed else { throw InternalFailure("the code was refused") }
        recoveryCodes = codes
        // Into the next step, whose code was not used.
        house.clock.advance(by: .seconds(30))
    }

    func code(at now: Timestamp) -> String { HOTP.code(secret: secret, counter: UInt64(now.seconds / 30)) }

    func begin() async throws -> Secret<String> {
        let outcome = try await useCases.signIn(
            SignInCommand(email: email, password: Secret(Person.password), client: Self.client))
        guard case .secondFactorNeeded(let demand) = outcome else { throw InternalFailure("no second step was due") }
        return demand.token
    }

    func finish(
        _ token: Secret<String>, _ method: SecondFactorMethod, _ code: String
    ) async throws -> SecondStepOutcome {
        let proof = try #require(SecondFactorProof(method, text: code))
        return try await useCases.secondStep(SecondStepCommand(token: token, proof: proof, client: Self.client))
    }

    /// Each in a sign-in of its own, so that nothing but the code is the same.
    func expectOneSession(_ method: SecondFactorMethod, _ code: String) async throws {
        var begun: [Secret<String>] = []
        for _ in 0..<200 { begun.append(try await begin()) }
        let tokens = begun
        let before = try await house.count("sessions")
        let opened = try await atOnce(200) { number in
            guard case .signedIn = try await finish(tokens[number], method, code) else { return false }
            return true
        }
        #expect(opened.count { $0 } == 1)
        #expect(try await house.count("sessions") == before + 1)
    }
}
