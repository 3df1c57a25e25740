/// One step of a module's schema. Never changed once it was released.
package struct Migration: Sendable, Equatable {
    /// Whose tables: `accounts`.
    package let module: String
    /// 1, 2, 3 ... without gaps in each module.
    package let version: Int
    /// For people: `create_users`.
    package let name: String
    /// The script for the database at hand: statements separated by `;`, without BEGIN and COMMIT.
    package let sql: String

    package init(module: String, version: Int, name: String, sql: String) {
        self.module = module
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// FNV-1a over the script, 64 bits, as 16 hexadecimal digits. It guards against accidents, such as an edited
    /// file; not against somebody who wants to deceive.
    package var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Where one migration stands in a database.
package struct MigrationStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        case applied, pending
        /// Applied, but from another text than this program has.
        case changed
        /// Applied by a newer program; this one does not know it.
        case unknown
    }

    package let module: String
    package let version: Int
    package let name: String
    package let state: State
}
