import Commands
import Composition
import JSON
import Messaging
import Shared

struct EventsCatalogueCommand: Command {
    let name = "events catalogue"
    let summary = "List every type of event, and whether it may leave the installation."
    let details = "With --json each has the schema and an example of its data: docs/events is made of that."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let entries = try EventCatalogue(Modules.described.flatMap(\.events)).entries
        if invocation.wantsJSON {
            let rows = entries.map { entry -> JSONValue in
                [
                    "type": .string(entry.type), "version": .integer(Int64(entry.version)),
                    "source": .string(entry.source), "reach": .string(entry.reach.rawValue),
                    "summary": .string(entry.summary), "path": .string(entry.path),
                    "schema": .object(entry.schema), "example": entry.example,
                ]
            }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            for entry in entries { Console.write("\(entry.type) (\(entry.reach.rawValue)): \(entry.summary)") }
        }
        return .success
    }
}
