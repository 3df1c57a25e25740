import Crypto
import SQL
import Shared

/// Keeps signing keys, encrypted by the master key and bound to their kid.
struct SQLSigningKeyStore: Sendable {
    let database: any Database
    let masterKey: MasterKey
    let clock: any WallClock

    /// The newest key of this algorithm; the first one is made here. Of two processes that start at once, one's key
    /// is taken by both.
    ///
    /// - Throws: `SigningKeyUnreadable` if the stored key was encrypted by another master key.
    func loadOrMake(_ algorithm: SigningAlgorithm) async throws -> SigningKeyRing {
        if let ring = try await load(algorithm) { return ring }
        let key = try PrivateSigningKey.generate(algorithm)
        let wrapped = try masterKey.wrap(key.serialized.reveal(), boundTo: Self.context(key.kid))
        let now = clock.now
        try await database.write { transaction in
            let isFirst =
                try transaction.first(
                    "SELECT 1 FROM signing_keys WHERE algorithm = \(algorithm.rawValue) LIMIT 1"
                ) { try $0.integer(0) } == nil
            guard isFirst else { return }
            try transaction.submit(
                """
                INSERT INTO signing_keys (kid, algorithm, private_key, not_before)
                VALUES (\(key.kid), \(algorithm.rawValue), \(wrapped), \(now))
                """)
        }
        guard let ring = try await load(algorithm) else { throw InternalFailure("the signing key was not stored") }
        return ring
    }

    private func load(_ algorithm: SigningAlgorithm) async throws -> SigningKeyRing? {
        let stored = try await database.read { transaction in
            try transaction.query(
                """
                SELECT kid, private_key FROM signing_keys
                WHERE algorithm = \(algorithm.rawValue) AND retired_at IS NULL ORDER BY not_before DESC, kid
                """
            ) { (kid: try $0.text(0), wrapped: try $0.bytes(1)) }
        }
        let keys = try stored.map { row in
            guard let serialized = try? masterKey.unwrap(row.wrapped, boundTo: Self.context(row.kid)) else {
                throw SigningKeyUnreadable(kid: row.kid)
            }
            return try PrivateSigningKey(algorithm, serialized: serialized)
        }
        return keys.first.map { SigningKeyRing(current: $0, others: keys.dropFirst().map(\.publicKey)) }
    }

    private static func context(_ kid: String) -> String { "signing_keys/\(kid)/private_key" }
}

/// The database holds keys of another master key.
package struct SigningKeyUnreadable: Error, Sendable, CustomStringConvertible {
    package let kid: String

    package var description: String { "the signing key \(kid) was encrypted by another MASTER_KEY" }
}
