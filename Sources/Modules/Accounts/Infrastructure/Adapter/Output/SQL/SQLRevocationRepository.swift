import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared
import Transactions

/// Revocations of a unit of work, of which this process hears right after the commit.
struct SQLRevocationRepository: RevocationRepository {
    let sql: SQLContext
    let list: RevocationList

    func add(_ revocation: Revocation) throws {
        try SQLRevocations(transaction: sql.transaction).add(revocation)
        sql.afterCommit { [list] in list.apply([revocation]) }
    }
}

/// What ended before its time, by time: written with its cause, read by every process.
struct SQLRevocations {
    let transaction: any SQLTransaction

    func add(_ revocation: Revocation) throws {
        let (kind, subject) = revocation.subject.columns
        try transaction.submit(
            """
            INSERT INTO revocations (kind, subject, created_at, until)
            VALUES (\(kind), \(subject), \(revocation.createdAt), \(revocation.until))
            """)
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
