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

    /// Those made at `moment` or later that may still matter.
    func since(_ moment: Timestamp, at now: Timestamp) throws -> [Revocation] {
        try transaction.query(
            """
            SELECT kind, subject, created_at, until FROM revocations
            WHERE created_at >= \(moment) AND until > \(now)
            """
        ) { row in
            guard let subject = Revocation.Subject(kind: try row.text(0), text: try row.text(1)) else {
                throw InternalFailure("a revocation has an unknown subject")
            }
            return Revocation(subject: subject, createdAt: try row.timestamp(2), until: try row.timestamp(3))
        }
    }
}

extension Revocation.Subject {
    fileprivate var columns: (kind: String, text: String) {
        switch self {
        case .session(let id): ("session", id.description)
        case .key(let kid): ("key", kid)
        }
    }

    fileprivate init?(kind: String, text: String) {
        switch kind {
        case "session":
            guard let id = SessionID(text: text) else { return nil }
            self = .session(id)
        case "key": self = .key(text)
        default: return nil
        }
    }
}
