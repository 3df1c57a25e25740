import AccountsDomain
import SQL
import Shared

/// Deletes rows whose time is over, a bounded number at once.
struct SQLExpiry {
    let transaction: any SQLTransaction

    /// How long after its end something is kept for questions: why was I signed out?
    private static let memory: Duration = .seconds(30 * 86_400)

    /// - Returns: how many rows were deleted.
    func remove(at now: Timestamp, limit: Int) throws -> Int {
        let horizon = now - Self.memory
        let day = now - .seconds(86_400)
        let flows = now - FlowClaim.lifetime
        let deletions: [Statement] = [
            """
            DELETE FROM social_flows WHERE flow_hash IN (
                SELECT flow_hash FROM social_flows WHERE created_at < \(flows) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM app_codes WHERE code_hash IN (
                SELECT code_hash FROM app_codes WHERE expires_at < \(day) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE expires_at < \(horizon) OR revoked_at < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM validation_tokens WHERE id IN (
                SELECT id FROM validation_tokens WHERE expires_at < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM login_codes WHERE id IN (
                SELECT id FROM login_codes WHERE expires_at < \(day) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM login_attempts WHERE key IN (
                SELECT key FROM login_attempts WHERE last_failure < \(day) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM revocations WHERE number IN (
                SELECT number FROM revocations WHERE until < \(now) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM signing_keys WHERE kid IN (
                SELECT kid FROM signing_keys WHERE retired_at < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM quiet_addresses WHERE address_key IN (
                SELECT address_key FROM quiet_addresses WHERE until < \(now) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM mfa_challenges WHERE id IN (
                SELECT id FROM mfa_challenges WHERE expires_at < \(day) LIMIT \(limit)\(forUpdateSkipLocked))
            """,
            """
            DELETE FROM mfa_factors WHERE id IN (
                SELECT id FROM mfa_factors WHERE confirmed_at IS NULL AND created_at < \(day)
                LIMIT \(limit)\(forUpdateSkipLocked))
            """,
        ]
        return try deletions.reduce(0) { try $0 + transaction.execute($1) }
    }
}
