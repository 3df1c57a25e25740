import SQL
import Shared

extension AuditChain {
    /// Cuts old lines off the beginning of the chain, with their personal data and references. A checkpoint takes
    /// their place. Lines that do not fit are evidence: from there on nothing is cut.
    ///
    /// - Parameters:
    ///   - horizon: lines of that time or later stay, and so do those behind them.
    ///   - limit: so many lines at once.
    /// - Returns: how many lines were cut off.
    /// - Throws: `AuditBreak` if the first lines do not fit.
    package func cut(
        before horizon: Timestamp, limit: Int, at now: Timestamp, _ seal: AuditSeal, in transaction: any SQLTransaction
    ) throws -> Int {
        try transaction.lock(name: "audit chain \(writer)")
        let checkpoint = try AuditCheckpoint.find(of: writer, in: transaction)
        if let checkpoint, !seal.verify(checkpoint, of: writer) {
            throw AuditBreak(kind: .checkpoint, position: checkpoint.position, id: nil)
        }
        let start = checkpoint?.position ?? 0
        var follower = AuditFollower(position: start, hash: checkpoint?.hash ?? [])
        for line in try sealed(after: start, limit: limit, in: transaction) {
            guard line.line.time < horizon else { break }
            let sound = follower.position
            if let found = follower.take(line) { throw found }
            guard follower.position > sound else {
                throw AuditBreak(kind: .changed, position: line.position, id: line.line.id)
            }
        }
        guard follower.position > start else { return 0 }
        let tag = seal.tag(writer: writer, position: follower.position, hash: follower.hash)
        try AuditCheckpoint(position: follower.position, hash: follower.hash, tag: tag)
            .save(for: writer, at: now, in: transaction)
        return try transaction.execute(
            """
            DELETE FROM audit_entries
            WHERE writer = \(writer) AND position IS NOT NULL AND position <= \(follower.position)
            """)
    }
}
