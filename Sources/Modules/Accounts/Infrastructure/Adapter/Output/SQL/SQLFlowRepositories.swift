import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLFlowClaimRepository: FlowClaimRepository {
    let transaction: any SQLTransaction

    func insert(_ claim: FlowClaim) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO social_flows (flow_hash, state, result, owner_node, created_at, done_at)
            VALUES (\(claim.hash), \(claim.state.rawValue), \(claim.result), \(claim.owner), \(claim.createdAt),
                \(claim.doneAt))
            ON CONFLICT (flow_hash) DO NOTHING
            """) == 1
    }

    func find(_ hash: [UInt8]) throws -> FlowClaim? {
        try transaction.first(
            "SELECT state, result, owner_node, created_at, done_at FROM social_flows WHERE flow_hash = \(hash)"
        ) { row in
            var next = row.reader
            guard let state = FlowClaim.State(rawValue: try next.text()) else {
                throw InternalFailure("a social flow has an unknown state")
            }
            return FlowClaim(
                hash: hash, state: state, result: try next.optionalBytes(), owner: try next.text(),
                createdAt: try next.timestamp(), doneAt: try next.optionalTimestamp())
        }
    }

    func update(_ claim: FlowClaim) throws {
        try transaction.submit(
            """
            UPDATE social_flows SET state = \(claim.state.rawValue), result = \(claim.result),
                done_at = \(claim.doneAt)
            WHERE flow_hash = \(claim.hash)
            """)
    }
}

struct SQLAppCodeRepository: AppCodeRepository {
    let transaction: any SQLTransaction

    func find(_ hash: [UInt8]) throws -> AppCode? {
        try transaction.first(
            """
            SELECT user_id, identity_id, challenge, created_at, expires_at, used_at, auth_time, amr, acr
            FROM app_codes WHERE code_hash = \(hash)
            """
        ) { row in
            var next = row.reader
            let (userID, identityID): (UserID, IdentityID) = (try next.id(), try next.id())
            let (challenge, createdAt) = (try next.bytes(), try next.timestamp())
            let (expiresAt, usedAt) = (try next.timestamp(), try next.optionalTimestamp())
            let (at, methods, level) = (try next.timestamp(), try next.text(), try next.text())
            return AppCode(
                hash: hash, userID: userID, identityID: identityID,
                proof: SignInProof(
                    SignInProof.methods(text: methods), level: AssuranceLevel(rawValue: level) ?? .aal1, at: at),
                challenge: challenge, createdAt: createdAt, expiresAt: expiresAt, usedAt: usedAt)
        }
    }

    func insert(_ code: AppCode) throws {
        try transaction.submit(
            """
            INSERT INTO app_codes (code_hash, user_id, identity_id, challenge, created_at, expires_at, used_at,
                auth_time, amr, acr)
            VALUES (\(code.hash), \(code.userID), \(code.identityID), \(code.challenge), \(code.createdAt),
                \(code.expiresAt), \(code.usedAt), \(code.proof.at), \(code.proof.methodsText),
                \(code.proof.level.rawValue))
            """)
    }

    func markUsed(_ hash: [UInt8], at now: Timestamp) throws -> Bool {
        try transaction.execute(
            "UPDATE app_codes SET used_at = \(now) WHERE code_hash = \(hash) AND used_at IS NULL") == 1
    }

    func note(_ session: SessionID, of hash: [UInt8]) throws {
        try transaction.submit("UPDATE app_codes SET session_id = \(session) WHERE code_hash = \(hash)")
    }
}
