import ChangeFeeds
import NotificationsApplication
import NotificationsDomain
import SQL
import Shared
import Transactions

struct SQLNotificationRuleRepository: NotificationRuleRepository {
    let sql: SQLContext
    /// Hears of changes right after their commit.
    let feed: ChangeFeed<RulesChanged>

    private var transaction: any SQLTransaction { sql.transaction }

    func switched() throws -> [Rule: Bool] {
        let rows = try transaction.query("SELECT event_type, template, is_enabled FROM notification_rules") { row in
            (event: try row.text(0), template: try row.text(1), isEnabled: try row.bool(2))
        }
        var switched: [Rule: Bool] = [:]
        for row in rows {
            guard let template = NotificationTemplate(rawValue: row.template) else { continue }
            switched[Rule(on: row.event, send: template)] = row.isEnabled
        }
        return switched
    }

    func set(_ rule: Rule, isEnabled: Bool, at now: Timestamp) throws {
        try transaction.submit(
            """
            INSERT INTO notification_rules (event_type, template, is_enabled, updated_at)
            VALUES (\(rule.eventType), \(rule.template.rawValue), \(isEnabled), \(now))
            ON CONFLICT (event_type, template) DO UPDATE
                SET is_enabled = excluded.is_enabled, updated_at = excluded.updated_at
            """)
    }

    func changed(at now: Timestamp) throws {
        let change = try SQLRuleChanges().add(at: now, in: transaction)
        sql.afterCommit { [feed] in await feed.committed([change]) }
    }
}

/// That some rule was switched.
struct RulesChanged: Sendable {}

/// When rules were switched: written with the switching, read by every process.
struct SQLRuleChanges: ChangeSource {
    /// Rules may be asked for before the first read.
    let startsEmpty = false
    let retention: Duration? = .seconds(86_400)
    let afterGap = [RulesChanged()]

    func add(at now: Timestamp, in transaction: any SQLTransaction) throws -> NumberedChange<RulesChanged> {
        let number = try transaction.first(
            "INSERT INTO notification_rule_changes (created_at) VALUES (\(now)) RETURNING number"
        ) { try $0.integer(0) }
        guard let number else { throw InternalFailure("a change got no number") }
        return NumberedChange(number: number, change: RulesChanged())
    }

    func changes(
        since moment: Timestamp?, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> [NumberedChange<RulesChanged>] {
        let from = moment ?? now - .seconds(86_400)
        return try transaction.query(
            "SELECT number FROM notification_rule_changes WHERE created_at >= \(from) ORDER BY +number"
        ) { NumberedChange(number: try $0.integer(0), change: RulesChanged()) }
    }

    func removal(before moment: Timestamp, limit: Int) -> Statement? {
        """
        DELETE FROM notification_rule_changes WHERE number IN (
            SELECT number FROM notification_rule_changes WHERE created_at < \(moment)
            LIMIT \(limit)\(forUpdateSkipLocked))
        """
    }
}
