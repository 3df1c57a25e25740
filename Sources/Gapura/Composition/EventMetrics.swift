import Messaging
import Shared
import Telemetry

/// Figures of the installation's events, as the relay read them last, and of this process's deliveries.
enum EventMetrics {
    static func register(_ relay: OutboxRelay, clock: any WallClock, in metrics: Metrics) {
        func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable (EventFigures) -> Int) {
            metrics.gauge(name, help: help) { relay.figures.map { Double(read($0)) } }
        }
        func age(_ name: String, _ help: String, _ read: @escaping @Sendable (EventFigures) -> Timestamp?) {
            metrics.gauge(name, help: help) {
                relay.figures.map { figures in read(figures).map { max((clock.now - $0) / .seconds(1), 0) } ?? 0 }
            }
        }
        gauge("events_waiting", "Events in the outbox.") { $0.waiting }
        age("events_waiting_seconds", "How long ago the oldest event in the outbox happened.") { $0.waitingSince }
        gauge("events_parked", "Events that a consumer group still has to have.") { $0.parked }
        gauge("events_failing", "Parked events that failed; the other parked ones wait behind them.") { $0.failing }
        age("events_parked_seconds", "How long ago the oldest parked event happened.") { $0.parkedSince }
        gauge("events_dead_letters", "Events that were given up, for each group that gave one up.") { $0.deadLetters }
        gauge("event_groups_idle", "Consumer groups that no process has run for 7 days.") { $0.idleGroups }
        for group in relay.groupNames {
            for outcome in DeliveryCounts.Outcome.allCases {
                metrics.counter(
                    "event_deliveries_total", help: "Deliveries of events by this process, by what came of them.",
                    labels: ["group": group, "outcome": outcome.rawValue]
                ) { Double(relay.deliveries.count(outcome, of: group)) }
            }
        }
    }
}
