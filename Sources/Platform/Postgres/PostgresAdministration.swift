import Shared
import Threads

/// What cannot be done in a unit of work.
package enum PostgresAdministration {
    /// Runs a statement outside of a transaction, such as CREATE DATABASE or VACUUM, on a connection of its own.
    ///
    /// - Parameter sql: without values; several statements, separated by `;`, are one transaction after all.
    /// - Throws: `Unavailable`; `InternalFailure` if the server refuses it.
    package static func run(_ sql: String, at url: PostgresURL) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try OwnThread("postgres-admin") { continuation.resume(with: Result { try runHere(sql, url) }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func runHere(_ sql: String, _ url: PostgresURL) throws {
        do {
            let unlimited = PostgresSettings(statementTimeout: .zero, lockTimeout: .seconds(60))
            try PostgresConnection.open(url, unlimited).script(sql)
        } catch let refusal as StatementRefusal {
            throw refusal.error?.mapped(sql: sql, isReadOnly: false) ?? refusal.failure
        } catch let loss as ConnectionLoss {
            throw Unavailable("database", reason: loss.reason)
        }
    }
}
