import Lifecycle
import Postgres
import Shared

/// Wakes the relay after a commit that published something: this process's, and on PostgreSQL those of others too,
/// because one of them may hold the event's partition: by the database, and by Redis where there is one.
struct EventSignals: Sendable {
    /// What the relay waits for.
    let relay: Wakeup
    let services: [any Service]

    private static let channel = "gapura_events"

    /// - Parameters:
    ///   - published: signalled by the modules.
    ///   - signals: of the other processes, where there is more than the database.
    /// - Throws: `Unavailable` if the process has no more descriptors.
    init(_ location: DatabaseLocation, published: Wakeup, signals: (any ProcessSignals)?, logger: Logger) throws {
        guard case .postgres(let url) = location else {
            relay = published
            services = []
            return
        }
        let relay = Wakeup()
        let wakeRelay: PostgresNotifications.Handler = { relay.signal() }
        let notifications = try PostgresNotifications(
            url: url, [(channel: Self.channel, handler: wakeRelay)], logger: logger)
        signals?.listen(to: Self.channel) { relay.signal() }
        let announcer = PollingService("event signals", wakeup: published, interval: .seconds(60), logger: logger) {
            relay.signal()
            notifications.notify(Self.channel)
            signals?.announce(Self.channel)
            return 0
        }
        self.relay = relay
        services = [notifications, announcer]
    }
}
