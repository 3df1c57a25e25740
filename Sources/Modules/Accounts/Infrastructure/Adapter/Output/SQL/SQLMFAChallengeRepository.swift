import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLMFAChallengeRepository: MFAChallengeRepository {
    let transaction: any SQLTransaction

    func find(_ id: MFAChallengeID) throws -> MFAChallenge? {
        try transaction.first(
            """
            SELECT id, user_id, auth_time, amr, identity_id, device, user_agent, is_new_device, delivery, return_to,
                attempts, created_at, expires_at, used_at
            FROM mfa_challenges WHERE id = \(id)
            """, Self.challenge)
    }

    func insert(_ challenge: MFAChallenge) throws {
        try transaction.submit(
            """
            INSERT INTO mfa_challenges (id, user_id, auth_time, amr, identity_id, device, user_agent, is_new_device,
                delivery, return_to, attempts, created_at, expires_at, used_at)
            VALUES (\(challenge.id), \(challenge.userID), \(challenge.proof.at), \(challenge.proof.methodsText),
                \(challenge.identityID), \(challenge.device.known), \(challenge.device.userAgent),
                \(challenge.isNewDevice), \(challenge.destination.delivery.rawValue), \(challenge.destination.returnTo),
                \(challenge.attempts), \(challenge.createdAt), \(challenge.expiresAt), \(challenge.usedAt))
            """)
    }

    func countAttempt(_ id: MFAChallengeID) throws {
        try transaction.submit("UPDATE mfa_challenges SET attempts = attempts + 1 WHERE id = \(id)")
    }

    func markUsed(_ id: MFAChallengeID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            "UPDATE mfa_challenges SET used_at = \(now) WHERE id = \(id) AND used_at IS NULL") == 1
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try transaction.submit(
            "UPDATE mfa_challenges SET used_at = \(now) WHERE user_id = \(userID) AND used_at IS NULL")
    }

    private static func challenge(_ row: Row) throws -> MFAChallenge {
        var next = row.reader
        let id: MFAChallengeID = try next.id()
        let userID: UserID = try next.id()
        let at = try next.timestamp()
        let proof = SignInProof(SignInProof.methods(text: try next.text()), at: at)
        let identityID = try next.optionalIdentifier().map { IdentityID($0) }
        let device = MFAChallenge.Device(known: try next.optionalIdentifier(), userAgent: try next.optionalText())
        let isNewDevice = try next.bool()
        guard let delivery = SignInDestination.Delivery(rawValue: try next.text()) else {
            throw InternalFailure("the second step \(id) has a delivery that is not known")
        }
        let destination = SignInDestination(delivery: delivery, returnTo: try next.optionalText())
        return MFAChallenge(
            id: id, userID: userID, proof: proof, identityID: identityID, device: device, destination: destination,
            isNewDevice: isNewDevice, attempts: try next.integer(), createdAt: try next.timestamp(),
            expiresAt: try next.timestamp(), usedAt: try next.optionalTimestamp())
    }
}
