import Audit
import Authorization
import HTTP
import JSON
import Lists
import Messaging
import SQL
import Shared

/// What may be done with the delivery of events over HTTP. On the whole platform: events belong to nobody.
enum EventPermission {
    static let read = DeclaredPermission("events", "read", reach: .platform)
    static let write = DeclaredPermission("events", "write", reach: .platform)

    static let all = [read, write]
}

extension ProblemKind {
    static let consumerGroupGone = ProblemKind(
        409, "consumer_group_gone", "The consumer group of the event does not exist any more")
}

/// The delivery of events, and the dead letters, for operators.
struct EventRoutes: Sendable {
    let database: any Database
    let letters: DeadLetters
    let auditLog: AuditLog
    let clock: any WallClock
    let appURL: String
    let gate: any Gate
    let cursors: ListCursors

    private static let tag = "Events"

    var routes: [Route] { [status, list, replayRange, discardRange, replay, discard] }

    private var status: Route {
        Route(
            .get, "/events",
            Operation(
                "readEventStatus", "The outbox and the consumer groups of events", tag: Self.tag,
                answers: [.json(200, EventStatusAnswer.self, "How delivery is")]),
            needs: .permission(EventPermission.read), gate: gate
        ) { _, _ in .json(EventStatusAnswer(status: try await .read(database), now: clock.now)) }
    }

    private var list: Route {
        Route(
            list: "/events/dead-letters",
            Operation(
                "listDeadLetters", "Events that a consumer group gave up, the latest events first", tag: Self.tag),
            needs: .permission(EventPermission.read), gate: gate, cursors: cursors, reads: DeadLettersQuery.self
        ) { _, query, part, _ in
            try await letters.list(query.filter, part).map { DeadLetterAnswer(letter: $0, appURL: appURL) }
        }
    }

    private var replay: Route {
        Route(
            .post, "/events/dead-letters/{id}/replay",
            Operation(
                "replayDeadLetter", "Give a dead letter back to its group, or to `group` only; it runs within seconds",
                tag: Self.tag,
                answers: [
                    .json(200, DeadLettersOutcomeAnswer.self, "It is with its group"), .problem(.notFound),
                    .problem(.consumerGroupGone),
                ]),
            needs: .permission(EventPermission.write), gate: gate, reads: .query(DeadLetterGroupQuery.self)
        ) { request, query, principal in
            try Self.answer(
                try await letters.replay(
                    DeadLetterFilter(event: try request.eventID(), group: query.group),
                    noting: note("dead_letter.replayed", principal)))
        }
    }

    private var discard: Route {
        Route(
            .post, "/events/dead-letters/{id}/discard",
            Operation(
                "discardDeadLetter", "Remove a dead letter for good, or that of `group` only: it is never delivered",
                tag: Self.tag,
                answers: [.json(200, DeadLettersOutcomeAnswer.self, "It is gone"), .problem(.notFound)]),
            needs: .permission(EventPermission.write), gate: gate, reads: .query(DeadLetterGroupQuery.self)
        ) { request, query, principal in
            try Self.answer(
                try await letters.discard(
                    DeadLetterFilter(event: try request.eventID(), group: query.group),
                    noting: note("dead_letter.discarded", principal)))
        }
    }

    private var replayRange: Route {
        Route(
            .post, "/events/dead-letters/replay",
            Operation(
                "replayDeadLetters",
                "Give dead letters back to their groups, the oldest events first, 500 at once; repeat it while there are "
                    + "`remaining` ones",
                tag: Self.tag,
                answers: [.json(200, DeadLettersOutcomeAnswer.self, "How many are with their groups")]),
            needs: .permission(EventPermission.write), gate: gate, reads: .body(DeadLettersBody.self)
        ) { _, body, principal in
            let note = note("dead_letter.replayed", principal)
            return .json(DeadLettersOutcomeAnswer(outcome: try await letters.replay(body.filter, noting: note)))
        }
    }

    private var discardRange: Route {
        Route(
            .post, "/events/dead-letters/discard",
            Operation(
                "discardDeadLetters",
                "Remove dead letters for good, 500 at once; repeat it while there are `remaining` ones", tag: Self.tag,
                answers: [.json(200, DeadLettersOutcomeAnswer.self, "How many are gone")]),
            needs: .permission(EventPermission.write), gate: gate, reads: .body(DeadLettersBody.self)
        ) { _, body, principal in
            let note = note("dead_letter.discarded", principal)
            return .json(DeadLettersOutcomeAnswer(outcome: try await letters.discard(body.filter, noting: note)))
        }
    }

    private func note(_ action: String, _ principal: Principal) -> DeadLetters.Note {
        { [auditLog] letter, transaction in
            try auditLog.append(.done(action, on: "event:\(letter.event.id)", by: principal), in: transaction)
        }
    }

    private static func answer(_ outcome: DeadLetters.Outcome) throws(Problem) -> Response {
        guard outcome.count > 0 else {
            throw outcome.withoutGroup > 0
                ? Problem(.consumerGroupGone, "No consumer group has its name; discard it") : Problem(.notFound)
        }
        return .json(DeadLettersOutcomeAnswer(outcome: outcome))
    }
}

/// An event, or what one is about.
private struct AnyID: EntityID {
    let value: Identifier

    init(_ value: Identifier) { self.value = value }
}

extension Request {
    fileprivate func eventID() throws(Problem) -> Identifier { try pathID(as: AnyID.self).value }
}

private struct DeadLettersQuery: ListQuery {
    let filter: DeadLetterFilter
    let page: PageQuery

    init(_ fields: inout Fields) {
        filter = DeadLetterFilter(&fields)
        page = PageQuery(&fields)
    }
}

private struct DeadLettersBody: Input {
    let filter: DeadLetterFilter

    init(_ fields: inout Fields) {
        filter = DeadLetterFilter(&fields)
        fields.needsOne(of: "group", "type", "subject", "from", "until")
    }
}

private struct DeadLetterGroupQuery: Input {
    let group: String?

    init(_ fields: inout Fields) {
        group = fields.optional("group", .text(1...200))
    }
}

extension DeadLetterFilter {
    fileprivate init(_ fields: inout Fields) {
        self.init(
            group: fields.optional("group", .text(1...200)), type: fields.optional("type", .text(1...200)),
            subject: fields.optional("subject", FieldType<AnyID>.id)?.value,
            from: fields.optional("from", .moment), until: fields.optional("until", .moment))
    }
}
