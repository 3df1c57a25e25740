import Lifecycle
import SQL
import Shared

/// Seals new lines of the audit log, every second.
package struct AuditSealer: Service {
    package let name = "audit sealer"
    private let database: any Database
    private let chain: AuditChain
    private let clock: any WallClock
    private let logger: Logger

    private static let interval: Duration = .seconds(1)
    private static let batchSize = 500

    package init(database: any Database, chain: AuditChain, clock: any WallClock, logger: Logger) {
        self.database = database
        self.chain = chain
        self.clock = clock
        self.logger = logger
    }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        repeat { await sealAll() } while await lifecycle.sleep(for: Self.interval)
        await sealAll()
    }

    private func sealAll() async {
        do {
            while try await sealBatch() == Self.batchSize {}
        } catch {
            logger.warning("the audit log cannot be sealed", ["cause": .text("\(error)")])
        }
    }

    /// Looks before it writes, so that an idle installation does not write every second.
    private func sealBatch() async throws -> Int {
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
