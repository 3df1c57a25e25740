import Commands
import JSON
import SQL
import SQLite
import Shared

struct MigrateUpCommand: Command {
    let name = "migrate up"
    let summary = "Bring the database's schema up to date."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let settings = try SettingsLoader.load()
        let database = try settings.database.open(pool: 1, logger: .silent)
        let applied = try await Installation.migrate(database, settings.environment)
        await database.close()
        if invocation.wantsJSON {
            let rows = applied.map { migration -> JSONValue in
                [
                    "module": .string(migration.module), "version": .integer(Int64(migration.version)),
                    "name": .string(migration.name),
                ]
            }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            for migration in applied {
                Console.write("applied \(migration.module) \(migration.version) \(migration.name)")
            }
            if applied.isEmpty { Console.write("nothing to apply") }
        }
        return .success
    }
}

struct MigrateStatusCommand: Command {
    let name = "migrate status"
    let summary = "Tell where each migration stands; exit code 1 if the schema is not this program's."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let database = try SettingsLoader.load().database.open(pool: 1, logger: .silent)
        let statuses = try await Migrator(Schema.migrations(for: database.dialect)).status(database)
        await database.close()
        if invocation.wantsJSON {
            let rows = statuses.map { status -> JSONValue in
                [
                    "module": .string(status.module), "version": .integer(Int64(status.version)),
                    "name": .string(status.name), "state": .string(status.state.rawValue),
                ]
            }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            for status in statuses {
                Console.write("\(status.state.rawValue)  \(status.module) \(status.version) \(status.name)")
            }
        }
        return statuses.allSatisfy { $0.state == .applied } ? .success : .failure
    }
}
