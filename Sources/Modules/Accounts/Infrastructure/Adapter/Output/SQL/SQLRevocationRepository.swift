import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

final class SQLRevocationRepository: RevocationRepository {
    private let transaction: any SQLTransaction
    /// What this unit of work added, for the memory of this process.
    private(set) var added: [Revocation] = []

    init(transaction: any SQLTransaction) {
        self.transaction = transaction
    }

    func add(_ revocation: Revocation) throws {
        let (kind, subject) = revocation.subject.columns
        try transaction.submit(
            """
            INSERT INTO revocations (kind, subject, created_at, until)
            VALUES (\(kind), \(subject), \(revocation.createdAt), \(revocation.until))
            """)
        added.append(revocation)
    }

    /// Those that may still matter, with their numbers.
    ///
    /// - Parameter moment: made then or later; nil for all but users', of whom a process that starts remembers nothing.
    func since(_ moment: Timestamp?, at now: Timestamp) throws -> [(number: Int, revocation: Revocation)] {
        let condition: Statement = moment.map { "created_at >= \($0)" } ?? "kind <> 'user'"
        return try transaction.query(
            """
            SELECT number, kind, subject, created_at, until FROM revocations
            WHERE \(condition) AND until > \(now)
            """
        ) { row in
            var next = row.reader
            let number = try next.integer()
            guard let subject = Revocation.Subject(kind: try next.text(), text: try next.text()) else {
                throw InternalFailure("revocation \(number) has an unknown subject")
            }
            return (
                number, Revocation(subject: subject, createdAt: try next.timestamp(), until: try next.timestamp())
            )
        }
    }
}

extension Revocation.Subject {
    fileprivate var columns: (kind: String, text: String) {
        switch self {
        case .session(let id): ("session", id.description)
        case .user(let id): ("user", id.description)
        case .key(let kid): ("key", kid)
        }
    }

    fileprivate init?(kind: String, text: String) {
        switch kind {
        case "session":
            guard let id = SessionID(text: text) else { return nil }
            self = .session(id)
        case "user":
            guard let id = UserID(text: text) else { return nil }
            self = .user(id)
        case "key": self = .key(text)
        default: return nil
        }
    }
}
