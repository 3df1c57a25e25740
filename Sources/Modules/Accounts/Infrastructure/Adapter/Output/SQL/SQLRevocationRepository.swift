import AccountsApplication
import AccountsContract
import AccountsDomain
import ChangeFeeds
import SQL
import Shared
import Transactions

/// Revocations of a unit of work, of which this process hears right after the commit.
struct SQLRevocationRepository: RevocationRepository {
    let sql: SQLContext
    let feed: ChangeFeed<Revocation>

    func add(_ revocation: Revocation) throws {
        let added = try SQLRevocations().add(revocation, in: sql.transaction)
        sql.afterCommit { [feed] in await feed.committed([added]) }
    }
}

/// The revocations that may still matter. Rows stay until then, so no process can miss one.
struct SQLRevocations: ChangeSource {
    let startsEmpty = false
    let retention: Duration? = nil
    let afterGap: [Revocation] = []

    func add(
        _ revocation: Revocation, in transaction: any SQLTransaction
    ) throws -> NumberedChange<Revocation> {
        let (kind, subject) = revocation.subject.columns
        let number = try transaction.first(
            """
            INSERT INTO revocations (kind, subject, created_at, until)
            VALUES (\(kind), \(subject), \(revocation.createdAt), \(revocation.until))
            RETURNING number
            """
        ) { try $0.integer(0) }
        guard let number else { throw InternalFailure("a revocation got no number") }
        return NumberedChange(number: number, change: revocation)
    }

    /// At first all but those of users, of whom a process that starts remembers nothing.
    func changes(
        since moment: Timestamp?, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> [NumberedChange<Revocation>] {
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
            return NumberedChange(
                number: number,
                change: Revocation(subject: subject, createdAt: try next.timestamp(), until: try next.timestamp()))
        }
    }

    /// The clean-up of Accounts does it.
    func removal(before moment: Timestamp, limit: Int) -> Statement? { nil }
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
