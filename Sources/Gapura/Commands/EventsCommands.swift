import Commands
import HTTP
import JSON
import Messaging
import Shared

struct EventsStatusCommand: Command {
    let name = "events status"
    let summary = "Show how the delivery of events is: what waits, what is parked, what was given up."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let (status, now) = try await DatabaseAccess.with { (try await EventStatus.read($0.database), $0.clock.now) }
        if invocation.wantsJSON {
            var writer = JSONWriter()
            EventStatusAnswer.shape.write(EventStatusAnswer(status: status, now: now), &writer)
            Console.write(String(decoding: writer.bytes, as: UTF8.self))
        } else {
            let since = status.waitingSince.map { ", the oldest of \($0)" } ?? ""
            Console.write("outbox: \(status.waiting) waiting\(since)")
            Console.write("dead letters: \(status.deadLetters)")
            for group in status.groups {
                let oldest = group.oldestAt.map { ", the oldest of \($0)" } ?? ""
                let idle = group.isIdle(at: now) ? "; no process has run it since \(group.lastRunAt)" : ""
                Console.write(
                    "\(group.name): \(group.parked) parked, \(group.failing) of them failing\(oldest), "
                        + "\(group.deadLetters) dead letters\(idle)")
            }
        }
        return .success
    }
}

struct EventsDeadLettersCommand: Command {
    let name = "events dead-letters"
    let summary = "List events that a consumer group gave up, the latest events first, 100 at the most."
    let details = """
        TIME is when it was given up, such as 2026-11-21T09:30:00Z; SUBJECT is the id that the event is about. The next
        hundred follow with --after and the last ID and group: ID/GROUP.
        """
    let printsData = true
    let options = DeadLetterOptions.all + [CommandOption(name: "--after", value: "ID/GROUP")]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let filter = try DeadLetterOptions.filter(invocation)
        let last = try invocation.options["--after"].map { text in
            guard let key = DeadLetterKey(text) else {
                throw CommandFailure(
                    code: .usage, message: "\(text) is not ID/GROUP; see gapura help events dead-letters")
            }
            return key
        }
        let part = PageRequest(limit: 100, after: last)
        let letters = try await DatabaseAccess.with { access in
            try await DeadLetters(access.database, clock: access.clock).list(filter, part).items
        }
        if invocation.wantsJSON {
            let appURL = try SettingsLoader.load().appURL
            var writer = JSONWriter()
            writer.array { writer in
                for letter in letters {
                    DeadLetterAnswer.shape.write(DeadLetterAnswer(letter: letter, appURL: appURL), &writer)
                }
            }
            Console.write(String(decoding: writer.bytes, as: UTF8.self))
        } else {
            for letter in letters {
                Console.write(
                    "\(letter.event.id) \(letter.event.type) for \(letter.group), given up \(letter.buriedAt) after "
                        + "\(letter.attempts) attempts: \(letter.error)")
            }
        }
        return .success
    }
}

struct EventsReplayCommand: Command {
    let name = "events replay"
    let summary = "Give dead letters back to their consumer groups, the oldest events first."
    let details = """
        At least one option says which. A running server delivers them within seconds. Each is a line of the audit log.
        Exit code 1 if there is none, or if the group of one does not exist any more.
        """
    let printsData = true
    let options = DeadLetterOptions.all

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await DeadLetterOptions.work(invocation, of: name, "replayed") { letters, filter, note in
            try await letters.replay(filter, noting: note)
        }
    }
}

struct EventsDiscardCommand: Command {
    let name = "events discard"
    let summary = "Remove dead letters for good: their groups never have these events."
    let details = """
        At least one option says which. Each is a line of the audit log. Exit code 1 if there is none.
        """
    let printsData = true
    let options = DeadLetterOptions.all

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await DeadLetterOptions.work(invocation, of: name, "discarded") { letters, filter, note in
            try await letters.discard(filter, noting: note)
        }
    }
}

/// Which dead letters a command is about.
private enum DeadLetterOptions {
    static let all = [
        CommandOption(name: "--id", value: "ID"), CommandOption(name: "--group", value: "GROUP"),
        CommandOption(name: "--type", value: "TYPE"), CommandOption(name: "--subject", value: "SUBJECT"),
        CommandOption(name: "--from", value: "TIME"), CommandOption(name: "--until", value: "TIME"),
    ]

    /// - Throws: `CommandFailure`.
    static func filter(_ invocation: Invocation) throws -> DeadLetterFilter {
        func read<T>(_ option: String, _ kind: String, _ read: (String) -> T?) throws -> T? {
            try invocation.options[option].map { text in
                guard let value = read(text) else {
                    throw CommandFailure(code: .usage, message: "\(option): \(text) is not \(kind)")
                }
                return value
            }
        }
        return DeadLetterFilter(
            event: try read("--id", "the ID of an event") { Identifier($0) }, group: invocation.options["--group"],
            type: invocation.options["--type"],
            subject: try read("--subject", "an ID") { Identifier($0) },
            from: try read("--from", "a time such as 2026-11-21T09:30:00Z") { Timestamp(text: $0) },
            until: try read("--until", "a time such as 2026-11-21T09:30:00Z") { Timestamp(text: $0) })
    }

    /// Batch after batch, until none is left.
    ///
    /// - Parameter done: what is done with them, also for the audit log.
    static func work(
        _ invocation: Invocation, of command: String, _ done: String,
        _ work:
            @Sendable (DeadLetters, DeadLetterFilter, @escaping DeadLetters.Note) async throws -> DeadLetters.Outcome
    ) async throws -> ExitCode {
        let filter = try filter(invocation)
        guard !filter.isEmpty else {
            throw CommandFailure(code: .usage, message: "an option has to say which; see gapura help \(command)")
        }
        let (count, withoutGroup) = try await DatabaseAccess.with { access in
            let letters = DeadLetters(access.database, clock: access.clock)
            var count = 0
            while true {
                let outcome = try await work(letters, filter) { letter, transaction in
                    try access.note("dead_letter.\(done)", on: "event:\(letter.event.id)")(transaction)
                }
                count += outcome.count
                if outcome.count == 0 || outcome.remaining == 0 { return (count, outcome.withoutGroup) }
            }
        }
        if invocation.wantsJSON {
            let data: JSONValue = ["count": .integer(Int64(count)), "without_group": .integer(Int64(withoutGroup))]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else if count > 0 {
            Console.write("\(done) \(count)")
        }
        if withoutGroup > 0 {
            Console.writeError("gapura: \(withoutGroup) stay, because their consumer group does not exist any more")
        } else if count == 0 {
            Console.writeError("gapura: there is no such dead letter; see gapura events dead-letters")
        }
        return count > 0 && withoutGroup == 0 ? .success : .failure
    }
}
