import SQL
import Shared

/// Where a chain begins after older lines were cut off: the place and the hash of the last of them, sealed.
struct AuditCheckpoint: Sendable, Equatable {
    let position: Int
    let hash: [UInt8]
    let tag: [UInt8]

    static func find(of writer: String, in transaction: any SQLTransaction) throws -> AuditCheckpoint? {
        try transaction.first("SELECT position, hash, seal FROM audit_checkpoints WHERE writer = \(writer)") { row in
            AuditCheckpoint(position: try row.integer(0), hash: try row.bytes(1), tag: try row.bytes(2))
        }
    }

    func save(for writer: String, at now: Timestamp, in transaction: any SQLTransaction) throws {
        try transaction.submit(
            """
            INSERT INTO audit_checkpoints (writer, position, hash, seal, cut_at)
            VALUES (\(writer), \(position), \(hash), \(tag), \(now))
            ON CONFLICT (writer) DO UPDATE SET position = excluded.position, hash = excluded.hash,
                seal = excluded.seal, cut_at = excluded.cut_at
            """)
    }
}
