import Commands
import JSON
import Messaging
import Shared

struct EventGroupsListCommand: Command {
    let name = "events groups list"
    let summary = "List the consumer groups: when each last ran, and how many events it still has to have."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let groups = try await DatabaseAccess.with { try await ConsumerGroups($0.database).list() }
        if invocation.wantsJSON {
            let rows = groups.map { group -> JSONValue in
                [
                    "name": .string(group.name), "registered_at": .string("\(group.registeredAt)"),
                    "last_run_at": .string("\(group.lastRunAt)"), "parked": .integer(Int64(group.parked)),
                    "oldest_at": group.oldestAt.map { .string("\($0)") } ?? .null,
                ]
            }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            for group in groups {
                let oldest = group.oldestAt.map { ", the oldest of \($0)" } ?? ""
                Console.write("\(group.name): last run \(group.lastRunAt), \(group.parked) parked\(oldest)")
            }
        }
        return .success
    }
}

struct EventGroupsRemoveCommand: Command {
    let name = "events groups remove"
    let parameters = ["NAME"]
    let summary = "End a consumer group that no process runs any more, and drop what it still had to have."
    let details = """
        Events are kept for every group until it has them. Remove one whose module is gone for good. A group that a
        process has run within the last two minutes stays: stop that process first. Exit code 1 if the group runs or
        does not exist.
        """
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let name = invocation.values[0]
        let removal = try await DatabaseAccess.with { access in
            try await ConsumerGroups(access.database)
                .remove(
                    name, at: access.clock.now,
                    noting: access.note("consumer_group.removed", on: "consumer_group:\(name)"))
        }
        switch removal {
        case .removed(let parked):
            if invocation.wantsJSON {
                let data: JSONValue = ["name": .string(name), "dropped": .integer(Int64(parked))]
                Console.write(String(decoding: data.serialized, as: UTF8.self))
            } else {
                Console.write("removed \(name), dropped \(parked) events")
            }
            return .success
        case .isRunning:
            Console.writeError("gapura: \(name) runs: stop the process that runs it, and wait two minutes")
        case .unknown:
            Console.writeError("gapura: there is no consumer group \(name); see gapura events groups list")
        }
        return .failure
    }
}
