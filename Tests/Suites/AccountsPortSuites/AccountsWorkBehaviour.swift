import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

/// Something that every implementation of `AccountsWork` must do:
///
///     @Test("behaves as every store of Accounts", arguments: AccountsWorkBehaviour.all)
///     func behaves(_ behaviour: AccountsWorkBehaviour) async throws {
///         try await behaviour.check(AccountsWorkSubject(...))
///     }
package struct AccountsWorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (AccountsWorkSubject) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (AccountsWorkSubject) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all =
        users + userSearch + administration + sessions + [usableSessions, sessionParts] + refreshTokens + validations
        + signIn
        + factors + lifetimes + unitsOfWork + identities + flows
}

/// An empty store, and what others see of it.
package struct AccountsWorkSubject: Sendable {
    package let work: any AccountsWork
    /// The types of the published events, in order.
    package let publishedTypes: @Sendable () async throws -> [String]
    /// The actions in the audit log, in order.
    package let auditedActions: @Sendable () async throws -> [String]
    /// Whether this is how the store says that a rule of its schema would be broken.
    package let isViolation: @Sendable (any Error) -> Bool

    package init(
        work: any AccountsWork, publishedTypes: @escaping @Sendable () async throws -> [String],
        auditedActions: @escaping @Sendable () async throws -> [String],
        isViolation: @escaping @Sendable (any Error) -> Bool
    ) {
        self.work = work
        self.publishedTypes = publishedTypes
        self.auditedActions = auditedActions
        self.isViolation = isViolation
    }

    /// Does what a rule of the schema forbids.
    func expectViolation(
        at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) { try await body() } throws: { isViolation($0) }
    }
}

/// What the behaviours store. Times are whole milliseconds, as every store keeps them.
enum Sample {
    static let now = Timestamp(milliseconds: 1_790_000_000_123)

    static func userID(_ number: UInt64) -> UserID { UserID(SequentialIdentifiers.identifier(number)) }
    static func sessionID(_ number: UInt64) -> SessionID { SessionID(SequentialIdentifiers.identifier(1_000 + number)) }
    static func validationID(_ number: UInt64) -> ValidationID {
        ValidationID(SequentialIdentifiers.identifier(2_000 + number))
    }

    static func account(_ number: UInt64, email: String? = nil, role: PlatformRole? = nil) throws -> Account {
        let user = User(
            id: userID(number), email: try #require(EmailAddress(email ?? "user\(number)@example.com")),
            username: nil, passwordHash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", role: role,
            registeredFrom: nil, createdAt: now, updatedAt: now)
        return Account(user: user, profile: Profile())
    }

    /// Every member that may be absent is there.
    static func fullAccount(_ number: UInt64) throws -> Account {
        let user = User(
            id: userID(number), email: try #require(EmailAddress("User.\(number)@Example.com")), username: "ana",
            passwordHash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", isActive: false, isVerified: true,
            block: UserBlock(reason: "spam", until: now + .seconds(60)), locale: "de-AT", provider: "example",
            role: .admin, registeredFrom: NetworkAddress(text: "2001:db8::7"), createdAt: now,
            updatedAt: now + .milliseconds(1), asksForPasskey: true)
        return Account(user: user, profile: Profile(firstName: "Ana", lastName: "Lima", image: "https://i.example/a"))
    }

    static let actor = Principal(
        .session(sessionID(900).value), of: userID(900).value, permissions: .all,
        client: ClientInfo(address: .loopback, userAgent: "Admin/1"))

    static func session(_ number: UInt64, of user: UInt64, expiresAt: Timestamp = now + .seconds(600)) -> Session {
        Session(
            id: sessionID(number), userID: userID(user), userAgent: nil, address: nil, createdAt: now,
            lastUsed: now, expiresAt: expiresAt)
    }

    static func refreshToken(_ session: Session, expiresAt: Timestamp? = nil) -> RefreshTokenRecord {
        RefreshTokenRecord(
            sessionID: session.id, jti: session.id.value, hash: [UInt8](repeating: 7, count: 32), generation: 0,
            createdAt: now, expiresAt: expiresAt ?? session.expiresAt)
    }

    static func validation(
        _ number: UInt64, of user: UInt64?, purpose: ValidationToken.Purpose = .verify, createdAt: Timestamp = now
    ) -> ValidationToken {
        ValidationToken(
            id: validationID(number), userID: user.map(userID), purpose: purpose,
            address: EmailAddress("user@example.com"), createdAt: createdAt, expiresAt: createdAt + .seconds(600))
    }
}

extension UnitOfWork<any AccountsContext> {
    /// Inserts accounts, which must not be taken.
    func add(_ accounts: Account...) async throws {
        for account in accounts {
            let isInserted = try await write { try $0.users.insert(account) }
            try #require(isInserted)
        }
    }

    func add(_ session: Session, tokenExpiresAt: Timestamp? = nil) async throws {
        let token = Sample.refreshToken(session, expiresAt: tokenExpiresAt)
        try await write { try $0.sessions.insert(session, refreshToken: token) }
    }

    func find(_ id: UserID) async throws -> Account? { try await read { try $0.users.find(id) } }
    func find(_ id: SessionID) async throws -> Session? { try await read { try $0.sessions.find(id) } }
    func find(_ id: ValidationID) async throws -> ValidationToken? { try await read { try $0.validations.find(id) } }
}
