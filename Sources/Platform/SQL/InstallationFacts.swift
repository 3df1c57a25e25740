import Shared

/// Facts about the installation that a database belongs to, such as the environment that it was made in.
package struct InstallationFacts: Sendable {
    private let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    package func find(_ name: String) async throws -> String? {
        try await database.read { transaction in
            try transaction.first("SELECT value FROM installation WHERE name = \(name)") { try $0.text(0) }
        }
    }

    /// Notes a fact in a transaction, in the place of an older one of this name.
    package static func set(_ name: String, _ value: String, in transaction: any SQLTransaction) throws {
        try transaction.submit(
            """
            INSERT INTO installation (name, value) VALUES (\(name), \(value))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    /// Forgets every fact whose name begins so.
    package func removeAll(namesBeginningWith prefix: String) async throws {
        try await database.write { transaction in
            try transaction.submit(
                "DELETE FROM installation WHERE substr(name, 1, CAST(\(prefix.count) AS INTEGER)) = \(prefix)")
        }
    }

    /// Notes a fact, unless there is one of this name: of two processes the first counts.
    package func note(_ name: String, _ value: String) async throws {
        try await database.write { transaction in
            try transaction.submit(
                "INSERT INTO installation (name, value) VALUES (\(name), \(value)) ON CONFLICT (name) DO NOTHING")
        }
    }
}
