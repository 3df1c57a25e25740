import AccessApplication
import AccessContract
import AccessDomain
import ChangeFeeds
import SQL
import Shared

/// What became stale, by time: written with its cause, read by every process.
struct SQLAccessChanges: ChangeSource {
    let startsEmpty = true
    let retention: Duration? = .seconds(86_400)
    let afterGap: [AccessChange] = [.services, .roles]

    func add(
        _ change: AccessChange, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> NumberedChange<AccessChange> {
        let (kind, subject) = change.columns
        let number = try transaction.first(
            """
            INSERT INTO access_changes (kind, subject, created_at) VALUES (\(kind), \(subject), \(now))
            RETURNING number
            """
        ) { try $0.integer(0) }
        guard let number else { throw InternalFailure("a change got no number") }
        return NumberedChange(number: number, change: change)
    }

    func changes(
        since moment: Timestamp?, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> [NumberedChange<AccessChange>] {
        // By the index on the time: with `number` alone SQLite would read the whole day in that order.
        try transaction.query(
            """
            SELECT number, kind, subject FROM access_changes WHERE created_at >= \(moment ?? now) ORDER BY +number
            """
        ) { row in
            let number = try row.integer(0)
            let change = AccessChange(kind: try row.text(1), subject: try row.optionalText(2))
            // A newer version of the program may write what this one does not know: then all is stale.
            return (change.map { [$0] } ?? afterGap).map { NumberedChange(number: number, change: $0) }
        }.flatMap { $0 }
    }

    func removal(before moment: Timestamp, limit: Int) -> Statement? {
        """
        DELETE FROM access_changes WHERE number IN (
            SELECT number FROM access_changes WHERE created_at < \(moment) LIMIT \(limit)\(forUpdateSkipLocked))
        """
    }
}

extension AccessChange {
    fileprivate var columns: (kind: String, subject: String?) {
        switch self {
        case .user(let id): ("user", id.description)
        case .apiKey(let id): ("api_key", id.description)
        case .services: ("services", nil)
        case .roles: ("roles", nil)
        case .usage(let subject): ("usage", subject.text)
        }
    }

    fileprivate init?(kind: String, subject: String?) {
        switch kind {
        case "services": self = .services
        case "roles": self = .roles
        case "user":
            guard let id = subject.flatMap({ Identifier($0) }) else { return nil }
            self = .user(id)
        case "api_key":
            guard let id = subject.flatMap({ APIKeyID(text: $0) }) else { return nil }
            self = .apiKey(id)
        case "usage":
            guard let subject = subject.flatMap({ MeterSubject(text: $0) }) else { return nil }
            self = .usage(subject)
        default: return nil
        }
    }
}

extension MeterSubject {
    fileprivate var text: String {
        switch self {
        case .user(let id): "user:\(id)"
        case .tenant(let id): "tenant:\(id)"
        case .serviceAccount(let id): "service_account:\(id)"
        case .network(let prefix): "network:\(prefix)"
        case .device(let id): "device:\(id)"
        }
    }

    fileprivate init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "user":
            guard let id = Identifier(parts[1]) else { return nil }
            self = .user(id)
        case "tenant":
            guard let id = TenantID(text: parts[1]) else { return nil }
            self = .tenant(id)
        case "service_account":
            guard let id = ServiceAccountID(text: parts[1]) else { return nil }
            self = .serviceAccount(id)
        case "network":
            guard let prefix = NetworkPrefix(text: parts[1]) else { return nil }
            self = .network(prefix)
        case "device":
            guard let id = Identifier(parts[1]) else { return nil }
            self = .device(id)
        default: return nil
        }
    }
}
