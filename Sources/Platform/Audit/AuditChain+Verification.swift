import SQL
import Shared

/// What a look at a whole chain found.
package struct AuditVerdict: Sendable, Equatable {
    /// Up to here lines were cut off; 0 if none were.
    package let checkpoint: Int
    /// The last line that fits.
    package let position: Int
    /// Nil if everything fits.
    package let firstBreak: AuditBreak?
}

extension AuditChain {
    /// How many lines are in memory at once.
    static let pageSize = 500

    /// Looks at every sealed line, from the checkpoint to the head.
    package func verify(_ seal: AuditSeal, in transaction: any SQLTransaction) throws -> AuditVerdict {
        let checkpoint = try AuditCheckpoint.find(of: writer, in: transaction)
        let start = checkpoint?.position ?? 0
        var follower = AuditFollower(position: start, hash: checkpoint?.hash ?? [])
        func verdict(_ firstBreak: AuditBreak?) -> AuditVerdict {
            AuditVerdict(checkpoint: start, position: follower.position, firstBreak: firstBreak)
        }
        if let checkpoint, !seal.verify(checkpoint, of: writer) {
            return verdict(AuditBreak(kind: .checkpoint, position: start, id: nil))
        }
        var after = 0
        while case let page = try sealed(after: after, limit: Self.pageSize, in: transaction), let end = page.last {
            for line in page {
                if let found = follower.take(line) { return verdict(found) }
            }
            after = end.position
        }
        return verdict(follower.end(head: try head(in: transaction)))
    }

    /// Sealed lines behind a place, in order.
    func sealed(after position: Int, limit: Int, in transaction: any SQLTransaction) throws -> [SealedLine] {
        try transaction.query(
            """
            SELECT \(Line.columns), position, hash FROM audit_entries
            WHERE writer = \(writer) AND position IS NOT NULL AND position > \(position)
            ORDER BY position LIMIT \(limit)
            """
        ) { row in
            var next = row.reader
            return SealedLine(
                line: try Line(&next), position: try next.integer(), hash: try next.bytes())
        }
    }
}
