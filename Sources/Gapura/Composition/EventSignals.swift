import Lifecycle
import Postgres
import Shared

/// Wakes the relay after a commit that published something: this process's, and on PostgreSQL those of others too,
/// because one of them may hold the event's partition.
struct EventSignals: Sendable {
    /// What the relay waits for.
    let relay: Wakeup
    let services: [any Service]

    private static let channel = "gapura_events"

    /// - Parameter published: signalled by the modules.
    /// - Throws: `Unavailable` if the process has no more descriptors.
    init(_ location: DatabaseLocation, published: Wakeup, logger: Logger) throws {
        guard case .postgres(let url) = location else {
            relay = published
            services = []
            return
        }
        let relay = Wakeup()
        let wakeRelay: PostgresNotifications.Handler = { relay.signal() }
        let notifications = try PostgresNotifications(
            url: url, [(channel: Self.channel, handler: wakeRelay)], logger: logger)
        let announcer = PollingService("event signals", wakeup: published, interval: .seconds(60), logger: logger) {
            relay.signal()
            notifications.notify(Self.channel)
            return 0
        }
        self.relay = relay
        services = [notifications, announcer]
    }
}
