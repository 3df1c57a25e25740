import SQL
import Shared

extension SQLUserRepository {
    func passwordHash(at place: String) throws -> String? {
        try first("AND \(Self.place) >= \(place)") ?? first("")
    }

    private func first(_ condition: Statement) throws -> String? {
        try transaction.first(Self.passwordHashes(condition)) { try $0.text(0) }
    }

    static func passwordHashes(_ condition: Statement) -> Statement {
        "SELECT password_hash FROM users WHERE password_hash IS NOT NULL \(condition) ORDER BY \(place) LIMIT 1"
    }

    /// The end of an id is random. Written as in the index `users_by_place`.
    static let place = DialectText(
        sqlite: "lower(hex(substr(id, 11)))", postgres: #"right(id::text, 12) COLLATE "C""#)
}
