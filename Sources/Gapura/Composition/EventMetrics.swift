import Messaging
import Telemetry

/// Figures of the installation's events, as the relay read them last.
enum EventMetrics {
    static func register(_ relay: OutboxRelay, in metrics: Metrics) {
        func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable (EventFigures) -> Int) {
            metrics.gauge(name, help: help) { relay.figures.map { Double(read($0)) } }
        }
        gauge("events_waiting", "Events in the outbox.") { $0.waiting }
        gauge("events_parked", "Events that a consumer group still has to have.") { $0.parked }
        gauge("events_dead_letters", "Events that were given up, for each group that gave one up.") { $0.deadLetters }
        gauge("event_groups_idle", "Consumer groups that no process has run for 7 days.") { $0.idleGroups }
    }
}
