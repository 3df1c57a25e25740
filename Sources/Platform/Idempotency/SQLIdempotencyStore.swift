import Retention
import SQL
import Shared

/// The table `idempotency_keys`, one short transaction for each step.
package struct SQLIdempotencyStore: IdempotencyStore {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    package func claim(
        _ scope: [UInt8], fingerprints: [[UInt8]], resourceID: Identifier, at now: Timestamp
    ) async throws -> IdempotencyVerdict {
        try await database.write { [self] transaction in
            // On PostgreSQL a row can go between the two statements, when its request was refused or its time is over.
            for _ in 0..<3 {
                let fresh = IdempotencyClaim(scope: scope, resourceID: resourceID, attempt: 1)
                if try insert(fresh, fingerprints[0], now, transaction) { return .granted(fresh) }
                guard let row = try lock(scope, transaction) else { continue }
                if row.createdAt <= now - IdempotencyKeys.lifetime {
                    try replace(fresh, fingerprints[0], now, transaction)
                    return .granted(fresh)
                }
                guard fingerprints.contains(row.fingerprint) else { return .reused }
                if let status = row.status, let answer = row.answer {
                    return .answered(status: status, sealed: answer)
                }
                guard row.leaseUntil <= now else { return .inUse }
                let next = IdempotencyClaim(scope: scope, resourceID: row.resourceID, attempt: row.attempt + 1)
                try transaction.submit(
                    """
                    UPDATE idempotency_keys SET attempt = \(next.attempt), lease_until = \(now + IdempotencyKeys.lease)
                    WHERE scope = \(scope)
                    """)
                return .granted(next)
            }
            return .inUse
        }
    }

    package func complete(_ claim: IdempotencyClaim, status: Int, sealed: [UInt8]) async throws {
        try await database.write { transaction in
            try transaction.submit(
                """
                UPDATE idempotency_keys SET status = \(status), answer = \(sealed)
                WHERE scope = \(claim.scope) AND resource_id = \(claim.resourceID) AND status IS NULL
                """)
        }
    }

    package func release(_ claim: IdempotencyClaim, at now: Timestamp) async throws {
        try await database.write { transaction in
            try transaction.submit(
                """
                UPDATE idempotency_keys SET lease_until = \(now)
                WHERE scope = \(claim.scope) AND resource_id = \(claim.resourceID) AND attempt = \(claim.attempt)
                    AND status IS NULL
                """)
        }
    }

    /// Forgets the answers about something that is being deleted, in the transaction of its end: they may say who somebody
    /// was, and the same request makes something new from then on.
    package static func forget(resource id: Identifier, in transaction: any SQLTransaction) throws {
        try transaction.submit("DELETE FROM idempotency_keys WHERE resource_id = \(id)")
    }

    package func forget(_ claim: IdempotencyClaim) async throws {
        try await database.write { transaction in
            try transaction.submit(
                """
                DELETE FROM idempotency_keys
                WHERE scope = \(claim.scope) AND resource_id = \(claim.resourceID) AND attempt = \(claim.attempt)
                    AND status IS NULL
                """)
        }
    }

    package var prune: Prune {
        Prune("idempotency_keys", in: database, retention: IdempotencyKeys.lifetime) { horizon, limit in
            """
            DELETE FROM idempotency_keys WHERE scope IN (
                SELECT scope FROM idempotency_keys WHERE created_at <= \(horizon)
                ORDER BY created_at LIMIT \(limit)\(forUpdateSkipLocked))
            """
        }
    }

    private struct Entry {
        let fingerprint: [UInt8]
        let resourceID: Identifier
        let attempt: Int
        let createdAt: Timestamp
        let leaseUntil: Timestamp
        let status: Int?
        let answer: [UInt8]?
    }

    private func insert(
        _ claim: IdempotencyClaim, _ fingerprint: [UInt8], _ now: Timestamp, _ transaction: any SQLTransaction
    ) throws -> Bool {
        let leaseUntil = now + IdempotencyKeys.lease
        return try transaction.execute(
            """
            INSERT INTO idempotency_keys (scope, fingerprint, resource_id, attempt, created_at, lease_until)
            VALUES (\(claim.scope), \(fingerprint), \(claim.resourceID), \(claim.attempt), \(now), \(leaseUntil))
            ON CONFLICT (scope) DO NOTHING
            """) == 1
    }

    private func lock(_ scope: [UInt8], _ transaction: any SQLTransaction) throws -> Entry? {
        try transaction.first(
            """
            SELECT fingerprint, resource_id, attempt, created_at, lease_until, status, answer
            FROM idempotency_keys WHERE scope = \(scope)\(forUpdate)
            """
        ) { row in
            var next = row.reader
            return Entry(
                fingerprint: try next.bytes(), resourceID: try next.identifier(), attempt: try next.integer(),
                createdAt: try next.timestamp(), leaseUntil: try next.timestamp(),
                status: try next.optionalInteger(), answer: try next.optionalBytes())
        }
    }

    /// The time of the old request is over, the key is free.
    private func replace(
        _ claim: IdempotencyClaim, _ fingerprint: [UInt8], _ now: Timestamp, _ transaction: any SQLTransaction
    ) throws {
        try transaction.submit("DELETE FROM idempotency_keys WHERE scope = \(claim.scope)")
        _ = try insert(claim, fingerprint, now, transaction)
    }
}
