import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// The real service, tokens and SQL over an SQLite file; a clock for each session.
struct SimulatedServer: Sendable {
    static let window: Duration = .seconds(30)

    let house: AccountsHouse
    let window: Duration
    private let tokens: SessionTokenIssuer
    private let user: Account

    init(house: AccountsHouse, window: Duration) async throws {
        self.house = house
        self.window = window
        let settings = try AccountsHouse.settings()
        let keys = try await SigningKeys(
            store: SQLSigningKeyStore(database: house.database, masterKey: try AccountsHouse.masterKey()),
            revocations: RevocationList(house.revocations, clock: house.clock),
            schedule: KeySchedule(
                algorithm: settings.algorithm, maxAge: nil, tokenLifetime: settings.accessTokenLifetime),
            imported: nil, clock: house.clock, logger: Logger(level: .error, sink: RecordingLogSink()))
        tokens = SessionTokenIssuer(
            keys: keys, refreshTokens: RefreshTokenFormat(secret: Secret([UInt8](repeating: 7, count: 32))),
            challengeTokens: ChallengeTokenFormat(secret: Secret([UInt8](repeating: 8, count: 32))),
            settings: settings, identifiers: house.identifiers, random: SystemRandomSource())
        let now = house.clock.now
        let user = Account(
            user: User(
                id: house.identifiers.next(), email: try #require(EmailAddress("ana@example.com")), username: nil,
                passwordHash: nil, isVerified: true, registeredFrom: nil, createdAt: now, updatedAt: now),
            profile: Profile())
        self.user = user
        #expect(try await house.work.write { try $0.users.insert(user) })
    }

    func session() async throws -> SimulatedSession {
        let clock = ManualClock(house.clock.now)
        let session = Session(
            id: house.identifiers.next(), userID: user.user.id, userAgent: nil, address: nil, createdAt: clock.now,
            lastUsed: clock.now, expiresAt: clock.now + .seconds(180 * 86_400))
        let first = tokens.refreshToken(for: session, at: clock.now)
        try await house.work.write { try $0.sessions.insert(session, refreshToken: first.record) }
        return SimulatedSession(
            clock: clock, first: first.text,
            rotate: RotateRefreshTokenService(work: house.work, tokens: tokens, clock: clock, reuseWindow: window))
    }
}

struct SimulatedSession: Sendable {
    enum Answer: Equatable {
        case token(String)
        case superseded
        case ended

        var token: Secret<String>? {
            if case .token(let text) = self { return Secret(text) }
            return nil
        }
    }

    let clock: ManualClock
    let first: Secret<String>
    let rotate: RotateRefreshTokenService

    func present(_ token: Secret<String>) async throws -> Answer {
        let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: nil)
        return switch try await rotate(token, client: client) {
        case .refreshed(let signedIn): .token(signedIn.refreshToken.text.reveal())
        case .superseded: .superseded
        case .invalid, .reused, .revoked: .ended
        }
    }
}
