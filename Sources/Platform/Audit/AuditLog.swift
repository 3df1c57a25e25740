import Crypto
import JSON
import SQL
import Shared

/// Writes lines of the audit log, in the transaction of what they are about.
///
/// The log is append-only and sealed into one chain of hashes per writer; see `AuditSealer`.
package struct AuditLog: Sendable {
    private let writer: String
    private let identifiers: any IdentifierSource
    private let clock: any WallClock

    /// How long equal refusals are counted into one line.
    static let repeatWindow: Duration = .seconds(60)

    /// - Parameter writer: names this installation's chain; processes that write side by side need different ones.
    package init(writer: String, identifiers: any IdentifierSource, clock: any WallClock) {
        self.writer = writer
        self.identifiers = identifiers
        self.clock = clock
    }

    /// - Parameter count: how many equal refusals this is, at least 1; what was done happened once.
    package func append(_ entry: AuditEntry, count times: Int = 1, in transaction: any SQLTransaction) throws {
        let now = clock.now
        let id = identifiers.next()
        let isRefusal = entry.outcome == .refused
        let window = now.milliseconds / Self.repeatWindow.wholeMilliseconds
        let openUntil =
            isRefusal
            ? Timestamp(milliseconds: (window + 1) * Self.repeatWindow.wholeMilliseconds) : now
        let repeatKey = isRefusal ? self.repeatKey(of: entry, window: window) : nil
        let insertion: Statement = """
            INSERT INTO audit_entries
                (id, writer, time, action, outcome, reason, actor, subject, count, open_until, repeat_key)
            VALUES (\(id), \(writer), \(now), \(entry.action), \(entry.outcome.rawValue), \(entry.reason),
                \(entry.actor), \(entry.subject), \(isRefusal ? times : 1), \(openUntil), \(repeatKey))
            """
        var isFirst = true
        if isRefusal {
            let line = try transaction.first(
                """
                \(insertion) ON CONFLICT (repeat_key) WHERE repeat_key IS NOT NULL
                DO UPDATE SET count = audit_entries.count + \(times) RETURNING id, count
                """
            ) { (id: try $0.identifier(0), countBefore: try $0.integer(1) - times) }
            isFirst = line?.countBefore == 0
            if let line { try refer(to: line.id, from: entry.references, after: line.countBefore, in: transaction) }
        } else {
            try transaction.submit(insertion)
        }
        if isFirst, !entry.personal.isEmpty {
            let personal = JSONObject(entry.personal.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            let data = String(decoding: JSONValue.object(personal).serialized, as: UTF8.self)
            try transaction.submit("INSERT INTO audit_personal (entry_id, data) VALUES (\(id), \(json: data))")
        }
    }

    /// - Parameter count: of the refusals that the line had before.
    private func refer(
        to line: Identifier, from references: [Identifier], after count: Int, in transaction: any SQLTransaction
    ) throws {
        for reference in references.prefix(max(0, AuditEntry.referencesMax - count)) {
            // It is there already if the outcome of a commit was lost and the same is written again.
            try transaction.submit(
                """
                INSERT INTO audit_references (reference, entry_id) VALUES (\(reference), \(line))
                ON CONFLICT (reference) DO NOTHING
                """)
        }
    }

    private func network(of entry: AuditEntry) -> String {
        guard let text = entry.personal["address"] else { return "" }
        return NetworkAddress(text: text)?.strangersKey ?? text
    }

    /// What makes two refusals the same: caller, what and why, and the minute. Of a stranger's address the network
    /// counts, so that one line of an IPv6 customer fills no log. Forgotten when the line is sealed,
    /// because it is made from personal data.
    private func repeatKey(of entry: AuditEntry, window: Int64) -> [UInt8] {
        let parts = [
            writer, entry.action, entry.reason ?? "", entry.actor, entry.subject ?? "",
            network(of: entry), String(window),
        ]
        return SHA256.hash(Array(parts.joined(separator: "\u{1F}").utf8))
    }
}
