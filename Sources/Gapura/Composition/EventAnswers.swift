import HTTP
import JSON
import Messaging
import Shared

struct EventStatusAnswer: Output {
    let status: EventStatus
    let now: Timestamp

    static let shape = Shape<EventStatusAnswer>("EventStatus") { shape in
        shape.member("waiting", .integer) { Int64($0.status.waiting) }
        shape.nullable("waiting_since", .timestamp) { $0.status.waitingSince }
        shape.member("dead_letters", .integer) { Int64($0.status.deadLetters) }
        shape.member("groups", .list(of: .object)) { answer in
            answer.status.groups.map { ConsumerGroupAnswer(group: $0, now: answer.now) }
        }
    }
}

struct ConsumerGroupAnswer: Output {
    let group: ConsumerGroups.Status
    let now: Timestamp

    static let shape = Shape<ConsumerGroupAnswer>("ConsumerGroup") { shape in
        shape.member("name", .text) { $0.group.name }
        shape.member("registered_at", .timestamp) { $0.group.registeredAt }
        shape.member("last_run_at", .timestamp) { $0.group.lastRunAt }
        shape.member("is_idle", .bool) { $0.group.isIdle(at: $0.now) }
        shape.member("parked", .integer) { Int64($0.group.parked) }
        shape.member("failing", .integer) { Int64($0.group.failing) }
        shape.nullable("oldest_at", .timestamp) { $0.group.oldestAt }
        shape.member("dead_letters", .integer) { Int64($0.group.deadLetters) }
    }
}

struct DeadLetterAnswer: Output {
    let letter: DeadLetter
    let appURL: String

    static let shape = Shape<DeadLetterAnswer>("DeadLetter") { shape in
        shape.member("group", .text) { $0.letter.group }
        shape.member("attempts", .integer) { Int64($0.letter.attempts) }
        shape.member("error", .text) { $0.letter.error }
        shape.member("buried_at", .timestamp) { $0.letter.buriedAt }
        shape.member("event", .cloudEvent) { $0.letter.event.cloudEvent(appURL: $0.appURL) }
    }
}

struct DeadLettersOutcomeAnswer: Output {
    let outcome: DeadLetters.Outcome

    static let shape = Shape<DeadLettersOutcomeAnswer>("DeadLettersOutcome") { shape in
        shape.member("count", .integer) { Int64($0.outcome.count) }
        shape.member("remaining", .integer) { Int64($0.outcome.remaining) }
        shape.member("without_group", .integer) { Int64($0.outcome.withoutGroup) }
    }
}

extension OutputType where Value == JSONObject {
    /// An envelope by CloudEvents 1.0.
    fileprivate static var cloudEvent: OutputType {
        OutputType(schema: ["type": "object"]) { event, writer in writer.value(.object(event)) }
    }
}
