import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLPasskeyRepository: PasskeyRepository {
    let transaction: any SQLTransaction

    func find(_ id: PasskeyID) throws -> Passkey? {
        try transaction.first("\(Self.selectPasskey) WHERE id = \(id)", Self.passkey)
    }

    func find(credential id: [UInt8]) throws -> Passkey? {
        try transaction.first("\(Self.selectPasskey) WHERE credential_id = \(id)", Self.passkey)
    }

    func all(of userID: UserID) throws -> [Passkey] {
        try transaction.query("\(Self.selectPasskey) WHERE user_id = \(userID) ORDER BY id", Self.passkey)
    }

    func count(notOf relyingPartyID: String) throws -> Int {
        try transaction.first("SELECT count(*) FROM passkeys WHERE rp_id <> \(relyingPartyID)") {
            try $0.integer(0)
        } ?? 0
    }

    func insert(_ passkey: Passkey) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, rp_id, sign_count,
                backup_eligible, backed_up, transports, aaguid, name, created_at, last_used_at, suspended_at)
            VALUES (\(passkey.id), \(passkey.userID), \(passkey.credentialID), \(passkey.publicKey),
                \(passkey.algorithm), \(passkey.relyingPartyID), \(passkey.signCount), \(passkey.isBackupEligible),
                \(passkey.isBackedUp), \(passkey.transports.joined(separator: " ")), \(passkey.aaguid),
                \(passkey.name), \(passkey.createdAt), \(passkey.lastUsed), \(passkey.suspendedAt))
            ON CONFLICT (credential_id) DO NOTHING
            """) == 1
    }

    func rename(_ id: PasskeyID, to name: String) throws {
        try transaction.submit("UPDATE passkeys SET name = \(name) WHERE id = \(id)")
    }

    func advance(_ id: PasskeyID, to count: Int) throws -> Bool {
        try transaction.execute(
            "UPDATE passkeys SET sign_count = \(count) WHERE id = \(id) AND sign_count < \(count)") == 1
    }

    func use(_ id: PasskeyID, isBackedUp: Bool, at now: Timestamp) throws {
        try transaction.submit(
            "UPDATE passkeys SET backed_up = \(isBackedUp), last_used_at = \(now) WHERE id = \(id)")
    }

    func suspend(_ id: PasskeyID, at now: Timestamp) throws {
        try transaction.submit(
            "UPDATE passkeys SET suspended_at = \(now) WHERE id = \(id) AND suspended_at IS NULL")
    }

    func delete(_ id: PasskeyID) throws -> Bool {
        try transaction.execute("DELETE FROM passkeys WHERE id = \(id)") == 1
    }

    func handle(of userID: UserID) throws -> [UInt8]? {
        try transaction.first("SELECT webauthn_handle FROM users WHERE id = \(userID)") {
            try $0.optionalBytes(0)
        } ?? nil
    }

    func handle(of userID: UserID, orSet handle: [UInt8]) throws -> [UInt8] {
        try transaction.submit(
            "UPDATE users SET webauthn_handle = \(handle) WHERE id = \(userID) AND webauthn_handle IS NULL")
        guard let kept = try self.handle(of: userID) else { throw InternalFailure("there is no user \(userID)") }
        return kept
    }

    func insert(_ challenge: PasskeyChallenge) throws {
        try transaction.submit(
            """
            INSERT INTO webauthn_challenges (challenge_hash, purpose, user_id, session_id, browser, expires_at, used_at)
            VALUES (\(challenge.hash), \(challenge.purpose.rawValue), \(challenge.userID), \(challenge.sessionID),
                \(challenge.browser), \(challenge.expiresAt), \(challenge.usedAt))
            """)
    }

    func claim(challenge hash: [UInt8], at now: Timestamp) throws -> PasskeyChallenge? {
        let claimed = try transaction.execute(
            "UPDATE webauthn_challenges SET used_at = \(now) WHERE challenge_hash = \(hash) AND used_at IS NULL")
        guard claimed == 1 else { return nil }
        return try transaction.first(
            """
            SELECT challenge_hash, purpose, user_id, session_id, browser, expires_at FROM webauthn_challenges
            WHERE challenge_hash = \(hash)
            """, Self.challenge)
    }

    private static let selectPasskey: Statement =
        """
        SELECT id, user_id, credential_id, public_key, algorithm, rp_id, sign_count, backup_eligible, backed_up,
            transports, aaguid, name, created_at, last_used_at, suspended_at
        FROM passkeys
        """

    private static func passkey(_ row: Row) throws -> Passkey {
        var next = row.reader
        return Passkey(
            id: try next.id(), userID: try next.id(), credentialID: try next.bytes(), publicKey: try next.bytes(),
            algorithm: try next.integer(), relyingPartyID: try next.text(), signCount: try next.integer(),
            isBackupEligible: try next.bool(), isBackedUp: try next.bool(),
            transports: try next.text().split(separator: " ").map(String.init), aaguid: try next.bytes(),
            name: try next.text(), createdAt: try next.timestamp(), lastUsed: try next.optionalTimestamp(),
            suspendedAt: try next.optionalTimestamp())
    }

    /// As it was before it was claimed.
    private static func challenge(_ row: Row) throws -> PasskeyChallenge {
        var next = row.reader
        let hash = try next.bytes()
        let purpose = try next.text()
        guard let purpose = PasskeyChallenge.Purpose(rawValue: purpose) else {
            throw InternalFailure("a challenge for \(purpose) is of a newer version")
        }
        return PasskeyChallenge(
            hash: hash, purpose: purpose, userID: try next.optionalIdentifier().map { UserID($0) },
            sessionID: try next.optionalIdentifier().map { SessionID($0) }, browser: try next.bytes(),
            expiresAt: try next.timestamp())
    }
}
