import JSON
import SQL
import Shared

/// Gives out the chain in the form of `AuditExport` and checks it, a page of lines at a time.
package struct AuditExporter: Sendable {
    private let chain: AuditChain
    private let seal: AuditSeal
    private let database: any Database

    package init(_ chain: AuditChain, _ seal: AuditSeal, in database: any Database) {
        self.chain = chain
        self.seal = seal
        self.database = database
    }

    /// - Parameter write: gets the beginning, and then each line that fits with those before it.
    /// - Returns: what does not fit; nil if everything was written.
    /// - Throws: failures of the database.
    package func export(_ write: (JSONValue) -> Void) async throws -> AuditBreak? {
        let (chain, writer) = (chain, chain.writer)
        let checkpoint = try await database.read { try AuditCheckpoint.find(of: writer, in: $0) }
        if let checkpoint, !seal.verify(checkpoint, of: writer) {
            return AuditBreak(kind: .checkpoint, position: checkpoint.position, id: nil)
        }
        write(AuditExport.beginning(of: writer, at: checkpoint))
        var follower = AuditFollower(position: checkpoint?.position ?? 0, hash: checkpoint?.hash ?? [])
        var after = 0
        while true {
            let (page, head) = try await database.read { [after] transaction in
                (
                    try chain.sealed(after: after, limit: AuditChain.pageSize, in: transaction),
                    try chain.head(in: transaction)
                )
            }
            guard let end = page.last else { return follower.end(head: head) }
            for line in page {
                let sound = follower.position
                if let found = follower.take(line) { return found }
                if follower.position > sound { write(AuditExport.line(line)) }
            }
            after = end.position
        }
    }
}
