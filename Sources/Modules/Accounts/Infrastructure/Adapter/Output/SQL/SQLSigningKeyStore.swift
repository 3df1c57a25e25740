import AccountsDomain
import Crypto
import SQL
import Shared

/// Keeps signing keys, encrypted by the master key and bound to their kid.
struct SQLSigningKeyStore: Sendable {
    let database: any Database
    let masterKey: MasterKey

    /// Whether it has no key at all, not even a retired one.
    static func isEmpty(_ database: any Database) async throws -> Bool {
        try await database.read { transaction in
            try transaction.first("SELECT 1 FROM signing_keys LIMIT 1") { try $0.integer(0) } == nil
        }
    }

    /// Those that are not retired.
    ///
    /// - Throws: `SigningKeyUnreadable` if one was encrypted by another master key.
    func load(at now: Timestamp) async throws -> [SigningKey] {
        let rows = try await database.read { transaction in
            try transaction.query(
                """
                SELECT kid, algorithm, private_key, not_before, retired_at FROM signing_keys
                WHERE retired_at IS NULL OR retired_at > \(now)
                """
            ) { row in
                StoredKey(
                    kid: try row.text(0), algorithm: try row.text(1), wrapped: try row.bytes(2),
                    notBefore: try row.timestamp(3), retiredAt: try row.optionalTimestamp(4))
            }
        }
        return try rows.map(unwrap)
    }

    /// A key and what can change of it.
    struct Version: Sendable, Hashable {
        let kid: String
        let notBefore: Timestamp
        let retiredAt: Timestamp?
    }

    /// Those of every key, without the keys themselves: cheap enough to be asked for all the time.
    func versions() async throws -> Set<Version> {
        let versions = try await database.read { transaction in
            try transaction.query("SELECT kid, not_before, retired_at FROM signing_keys") { row in
                Version(
                    kid: try row.text(0), notBefore: try row.timestamp(1), retiredAt: try row.optionalTimestamp(2))
            }
        }
        return Set(versions)
    }

    /// Adds a key, unless `isNeeded` finds at that moment that it is not: of two processes one adds.
    ///
    /// - Parameters:
    ///   - isNeeded: gets the newest `not_before` of the keys that are not retired.
    ///   - retiring: when the keys before it retire.
    func add(
        _ key: PrivateSigningKey, notBefore: Timestamp, retiring retirement: Timestamp?,
        ifNeeded isNeeded: @escaping @Sendable (_ newest: Timestamp?) -> Bool = { _ in true }
    ) async throws {
        let wrapped = try masterKey.wrap(key.serialized.reveal(), boundTo: Self.context(key.kid))
        let (kid, algorithm) = (key.kid, key.algorithm.rawValue)
        try await database.write { transaction in
            try transaction.lock(table: Self.table)
            let newest = try transaction.first(
                "SELECT not_before FROM signing_keys WHERE retired_at IS NULL ORDER BY not_before DESC LIMIT 1"
            ) { try $0.timestamp(0) }
            guard isNeeded(newest) else { return }
            if let retirement {
                try transaction.submit(
                    "UPDATE signing_keys SET retired_at = \(retirement) WHERE retired_at IS NULL AND kid <> \(kid)")
            }
            try transaction.submit(
                """
                INSERT INTO signing_keys (kid, algorithm, private_key, not_before)
                VALUES (\(kid), \(algorithm), \(wrapped), \(notBefore))
                ON CONFLICT (kid) DO UPDATE SET not_before = excluded.not_before, retired_at = NULL
                """)
        }
    }

    /// Adds a key with a key pair beside the symmetric one that signs, unless there is one by now. Where none signs yet
    /// it does so at once, else from the newest key's beginning on.
    ///
    /// - Returns: false if there is one.
    func addKeyPair(_ key: PrivateSigningKey, at now: Timestamp) async throws -> Bool {
        let wrapped = try masterKey.wrap(key.serialized.reveal(), boundTo: Self.context(key.kid))
        let (kid, algorithm) = (key.kid, key.algorithm.rawValue)
        let symmetric = SigningAlgorithm.hs256.rawValue
        return try await database.write { transaction in
            try transaction.lock(table: Self.table)
            let kept = try transaction.query(
                "SELECT algorithm, not_before FROM signing_keys WHERE retired_at IS NULL"
            ) { row in (algorithm: try row.text(0), notBefore: try row.timestamp(1)) }
            guard let newest = kept.map(\.notBefore).max(), kept.allSatisfy({ $0.algorithm == symmetric }) else {
                return false
            }
            let signing = try transaction.first(
                """
                SELECT count(*) FROM signing_keys
                WHERE algorithm <> \(symmetric) AND not_before <= \(now) AND retired_at > \(now)
                """
            ) { try $0.integer(0) }
            let beginning = newest - .milliseconds(1)
            let notBefore = signing == 0 ? min(now, beginning) : beginning
            try transaction.submit(
                """
                INSERT INTO signing_keys (kid, algorithm, private_key, not_before)
                VALUES (\(kid), \(algorithm), \(wrapped), \(notBefore))
                """)
            return true
        }
    }

    /// Retires a key at once and tells every process, in one transaction. If no other key is left that stays, the one
    /// before it stays instead of retiring; if none is left that signs now, `spare` does from now on.
    ///
    /// - Returns: false if there is no such key.
    func revoke(_ kid: String, at now: Timestamp, spare: PrivateSigningKey) async throws -> Bool {
        let wrapped = try masterKey.wrap(spare.serialized.reveal(), boundTo: Self.context(spare.kid))
        let (spareKid, algorithm) = (spare.kid, spare.algorithm.rawValue)
        return try await database.write { transaction in
            try transaction.lock(table: Self.table)
            let retired = try transaction.execute(
                """
                UPDATE signing_keys SET retired_at = \(now)
                WHERE kid = \(kid) AND (retired_at IS NULL OR retired_at > \(now))
                """)
            guard retired == 1 else { return false }
            try transaction.submit(
                """
                UPDATE signing_keys SET retired_at = NULL
                WHERE kid = (
                    SELECT kid FROM signing_keys WHERE retired_at > \(now) ORDER BY not_before DESC LIMIT 1
                ) AND NOT EXISTS (SELECT 1 FROM signing_keys WHERE retired_at IS NULL)
                """)
            let signing = try transaction.first(
                """
                SELECT count(*) FROM signing_keys
                WHERE not_before <= \(now) AND (retired_at IS NULL OR retired_at > \(now))
                """
            ) { try $0.integer(0) }
            if signing == 0 {
                try transaction.submit(
                    """
                    INSERT INTO signing_keys (kid, algorithm, private_key, not_before)
                    VALUES (\(spareKid), \(algorithm), \(wrapped), \(now))
                    """)
            }
            _ = try SQLRevocations().add(Revocation(of: .key(kid), at: now), in: transaction)
            return true
        }
    }

    /// Whether the key was revoked, while that is still known.
    func isRevoked(_ kid: String) async throws -> Bool {
        try await database.read { transaction in
            try transaction.first(
                "SELECT number FROM revocations WHERE kind = 'key' AND subject = \(kid) LIMIT 1"
            ) { try $0.integer(0) } != nil
        }
    }

    private struct StoredKey: Sendable {
        let kid: String
        let algorithm: String
        let wrapped: [UInt8]
        let notBefore: Timestamp
        let retiredAt: Timestamp?
    }

    private func unwrap(_ row: StoredKey) throws -> SigningKey {
        guard let algorithm = SigningAlgorithm(rawValue: row.algorithm),
            let serialized = try? masterKey.unwrap(row.wrapped, boundTo: Self.context(row.kid))
        else { throw SigningKeyUnreadable(kid: row.kid) }
        return SigningKey(
            key: try PrivateSigningKey(algorithm, serialized: serialized), notBefore: row.notBefore,
            retiredAt: row.retiredAt)
    }

    private static let table: StaticString = "signing_keys"

    private static func context(_ kid: String) -> String { "signing_keys/\(kid)/private_key" }
}

/// The database holds keys of another master key.
package struct SigningKeyUnreadable: Error, Sendable, CustomStringConvertible {
    package let kid: String

    package var description: String { "the signing key \(kid) was encrypted by another MASTER_KEY" }
}
