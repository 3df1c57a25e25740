import Crypto
import JSON
import SQL
import Shared

/// The chain of hashes over a writer's lines: each hash covers the line and the hash before it, so that a changed
/// or missing line shows. Old lines are cut off its beginning at a checkpoint, which takes their place.
package struct AuditChain: Sendable {
    package let writer: String

    package init(writer: String) {
        self.writer = writer
    }

    /// A line as it goes into its hash.
    struct Line: Sendable, Equatable {
        let id: Identifier
        let time: Timestamp
        let action: String
        let outcome: String
        let reason: String?
        let actor: String
        let subject: String?
        let count: Int

        static let columns: Statement = "id, time, action, outcome, reason, actor, subject, count"

        func hash(position: Int, after previous: [UInt8]) -> [UInt8] {
            let fields: JSONValue = [
                .string(id.description), .integer(time.milliseconds), .string(action), .string(outcome),
                reason.map { .string($0) } ?? .null, .string(actor), subject.map { .string($0) } ?? .null,
                .integer(Int64(count)), .integer(Int64(position)),
            ]
            return SHA256.hash(previous + fields.serialized)
        }
    }

    /// Seals the lines that can no longer change.
    ///
    /// - Returns: how many.
    package func seal(at now: Timestamp, limit: Int, in transaction: any SQLTransaction) throws -> Int {
        // One process seals a chain at a time; and each line is read when nobody can count in it any more.
        try transaction.lock(name: "audit chain \(writer)")
        let lines = try transaction.query(
            """
            SELECT \(Line.columns) FROM audit_entries
            WHERE writer = \(writer) AND position IS NULL AND open_until <= \(now)
            ORDER BY open_until, id LIMIT \(limit)\(forUpdate)
            """, Line.init)
        guard !lines.isEmpty else { return 0 }
        var (position, hash) = try head(in: transaction)
        for line in lines {
            position += 1
            hash = line.hash(position: position, after: hash)
            try transaction.submit(
                """
                UPDATE audit_entries SET position = \(position), hash = \(hash), repeat_key = \([UInt8]?.none)
                WHERE id = \(line.id)
                """)
        }
        try transaction.submit(
            """
            INSERT INTO audit_heads (writer, position, hash) VALUES (\(writer), \(position), \(hash))
            ON CONFLICT (writer) DO UPDATE SET position = excluded.position, hash = excluded.hash
            """)
        return lines.count
    }

    func head(in transaction: any SQLTransaction) throws -> (position: Int, hash: [UInt8]) {
        let head = try transaction.first("SELECT position, hash FROM audit_heads WHERE writer = \(writer)") {
            (position: try $0.integer(0), hash: try $0.bytes(1))
        }
        return head ?? (position: 0, hash: [])
    }
}

extension AuditChain.Line {
    init(_ row: Row) throws {
        var next = row.reader
        try self.init(&next)
    }

    init(_ next: inout RowReader) throws {
        id = try next.identifier()
        time = try next.timestamp()
        action = try next.text()
        outcome = try next.text()
        reason = try next.optionalText()
        actor = try next.text()
        subject = try next.optionalText()
        count = try next.integer()
    }
}
