import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

/// Something that happened, for tests.
struct ThingHappened: DomainEvent {
    static let type = "thing.happened"
    static let source = "/gapura/test"
    static let isPublic = false
    let thing: Identifier
    let number: Int

    var subject: Identifier { thing }
}

/// Outbox, inbox and relay over a database, with a clock to move.
struct MessagingHouse: Sendable {
    let database: any Database
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let log = RecordingLogSink()

    var outbox: Outbox { Outbox(identifiers: identifiers, clock: clock) }
    var queue: OutboxQueue { OutboxQueue(database: database, owner: Self.owner) }

    private static let owner = SequentialIdentifiers.identifier(77)

    /// Without jitter each delay is half of the full one: 1 s, 2 s, 4 s after the first failures.
    static let policy = RetryPolicy(attemptsMax: 3, first: .seconds(2), longest: .seconds(60), jitter: { 0 })

    /// - Parameter owner: another one is another process.
    func relay(to bus: any EventBus, wakeup: Wakeup = Wakeup(), owner: Identifier = owner) -> OutboxRelay {
        OutboxRelay(
            database: database, owner: owner, bus: bus, wakeup: wakeup, clock: clock, policy: Self.policy,
            logger: log.logger())
    }

    static func thing(_ number: UInt64) -> Identifier { SequentialIdentifiers.identifier(1_000_000 + number) }

    /// Commits events of a subject, one transaction each.
    func publish(_ numbers: ClosedRange<Int>, about thing: Identifier = thing(1)) async throws {
        let outbox = outbox
        for number in numbers {
            try await database.write { try outbox.append(ThingHappened(thing: thing, number: number), in: $0) }
        }
    }

    func deadLetters() async throws -> [(data: String, attempts: Int, error: String)] {
        try await database.read { transaction in
            try transaction.query("SELECT data, attempts, error FROM dead_letters ORDER BY buried_at, id") {
                (data: try $0.json(0), attempts: try $0.integer(1), error: try $0.text(2))
            }
        }
    }
}

/// A house over each database, one after the other.
func withMessagingHouse(_ body: (MessagingHouse) async throws -> Void) async throws {
    try await withEachDatabase([.messaging]) { try await body(MessagingHouse(database: $0)) }
}

/// Notes what it is given, unless it is told to fail.
final class BusDouble: EventBus {
    struct Failure: Error {}

    let delivered = Recorder<EventEnvelope>()
    private let fails: @Sendable (EventEnvelope) -> Bool

    init(failing fails: @escaping @Sendable (EventEnvelope) -> Bool = { _ in false }) {
        self.fails = fails
    }

    /// The numbers of the delivered events, in order.
    func numbers(about thing: Identifier? = nil) throws -> [Int] {
        try delivered.all.filter { thing == nil || $0.subject == thing }
            .map { try EventCoding.decode(ThingHappened.self, from: $0.data).number }
    }

    func publish(_ envelope: EventEnvelope) async throws {
        if fails(envelope) { throw Failure() }
        delivered.add(envelope)
    }
}
