import Lifecycle
import SQL
import Shared

/// Seals new lines of the audit log, every second.
package struct AuditSealer: Sendable {
    private let database: any Database
    private let chain: AuditChain
    private let clock: any WallClock
    private let logger: Logger

    private static let batchSize = 500

    package init(database: any Database, chain: AuditChain, clock: any WallClock, logger: Logger) {
        self.database = database
        self.chain = chain
        self.clock = clock
        self.logger = logger
    }

    /// Runs it while the process lives.
    package var service: PollingService {
        PollingService("audit sealer", logger: logger) { try await sealBatch() }
    }

    /// Looks before it writes, so that an idle installation does not write every second.
    package func sealBatch() async throws -> Int {
        let now = clock.now
        let chain = chain
        let isDue = try await database.read { transaction in
            try transaction.first(
                """
                SELECT 1 FROM audit_entries
                WHERE writer = \(chain.writer) AND position IS NULL AND open_until <= \(now) LIMIT 1
                """
            ) { try $0.integer(0) } != nil
        }
        guard isDue else { return 0 }
        return try await database.write { try chain.seal(at: now, limit: Self.batchSize, in: $0) }
    }
}
