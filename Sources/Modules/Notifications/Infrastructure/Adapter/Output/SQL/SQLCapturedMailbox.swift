import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared

/// Keeps mails instead of sending them, for development and tests. The newest thousand stay.
package struct SQLCapturedMailbox: MailTransport {
    private let database: any Database

    /// Its name in the log of messages.
    package static let provider = "mailbox"
    private static let mailsMax = 1_000

    package init(database: any Database) {
        self.database = database
    }

    /// The same mail twice is kept once.
    @discardableResult
    package func send(_ mail: Mail) async throws -> MailDelivery {
        try await database.write { transaction in
            try transaction.submit(
                """
                INSERT INTO captured_mails (id, recipient, subject, text, html, created_at)
                VALUES (\(mail.id), \(mail.to.text), \(mail.subject), \(mail.text), \(mail.html), \(mail.createdAt))
                ON CONFLICT (id) DO NOTHING
                """)
            try transaction.submit(
                """
                DELETE FROM captured_mails WHERE number <= (SELECT max(number) FROM captured_mails) - \(Self.mailsMax)
                """)
        }
        return .accepted(by: Self.provider)
    }

    func find(_ id: NotificationID) async throws -> Mail? {
        try await database.read { transaction in
            try transaction.first("SELECT \(Self.columns) FROM captured_mails WHERE id = \(id)", Self.mail)
        }
    }

    /// The newest first.
    ///
    /// - Parameter recipient: only mails to this address, written as it was given; nil for all.
    func list(
        _ part: PageRequest<NewestFirst>, to recipient: String? = nil
    ) async throws -> Page<Mail, NewestFirst> {
        let mails = try await database.read { transaction in
            let isOlder: Statement = part.after.map { "id < \($0.id)" } ?? "1 = 1"
            let isTo: Statement = recipient.map { "recipient = \($0)" } ?? "1 = 1"
            return try transaction.query(
                """
                SELECT \(Self.columns) FROM captured_mails WHERE \(isOlder) AND \(isTo)
                ORDER BY id DESC LIMIT \(part.limit + 1)
                """,
                Self.mail)
        }
        return Page(overfetched: mails, limit: part.limit) { NewestFirst($0.id) }
    }

    private static let columns: Statement = "id, recipient, subject, text, html, created_at"

    private static func mail(_ row: Row) throws -> Mail {
        var next = row.reader
        let id: NotificationID = try next.id()
        guard let recipient = EmailAddress(try next.text()) else {
            throw InternalFailure("captured mail \(id) has no valid recipient")
        }
        return Mail(
            id: id, to: recipient, subject: try next.text(), text: try next.text(), html: try next.text(),
            createdAt: try next.timestamp())
    }
}
