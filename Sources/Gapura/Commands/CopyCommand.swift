import DatabaseCopy
import JSON
import Lifecycle
import SQL
import SQLite
import Shared

struct CopyCommand: Command {
    let name = "copy"
    let summary = "Move an installation into another database: from SQLite to PostgreSQL, or the other way."
    let details = """
        URL is as in DATABASE_URL. Stop every server first. The schema of the target is made or brought up to date; it must
        have no data yet. Every row is copied and then compared. Run again after an interruption, the command goes on
        where it was; until it has ended, servers refuse to start on the target. MASTER_KEY stays the same: it opens what
        is encrypted in both. The source is not changed, but for an identifier that it may get.
        """
    let printsData = true
    let options = [CommandOption(name: "--from", value: "URL"), CommandOption(name: "--to", value: "URL")]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let settings = try SettingsLoader.load()
        let (from, to) = (try location("--from", invocation), try location("--to", invocation))
        let locks = [try from.lockFile(), try to.lockFile()].compactMap { $0 }
        defer { for lock in locks { lock.release() } }
        let source = try from.open(pool: 1, logger: .silent)
        let target = try to.open(pool: settings.databasePool, logger: .silent)
        let result: Result<[DatabaseCopier.Table], any Error>
        do {
            result = .success(try await copy(source, target, settings.environment))
        } catch {
            result = .failure(error)
        }
        await source.close()
        await target.close()
        write(try result.get(), asJSON: invocation.wantsJSON)
        return .success
    }

    private func copy(
        _ source: any Database, _ target: any Database, _ environment: AppEnvironment
    ) async throws -> [DatabaseCopier.Table] {
        let statuses = try await Migrator(Schema.migrations(for: source.dialect)).status(source)
        guard statuses.allSatisfy({ $0.state == .applied }) else {
            throw CommandFailure(
                code: .configuration, message: "--from: bring its schema up to date first, by gapura migrate up")
        }
        try await Installation.mark(source, environment)
        _ = try await Installation.migrate(target, environment)
        let facts = InstallationFacts(source)
        let identifiers = TimeOrderedIdentifierSource(clock: SystemWallClock())
        try await facts.note("id", identifiers.next().description)
        let id = try await facts.find("id") ?? ""
        let copier = DatabaseCopier(from: source, to: target, sourceName: id)
        let tables = try await copier.run { Console.writeError("copied \($0.name): \($0.rows) rows") }
        try await InstallationFacts(target).note("id", id)
        return tables
    }

    private func location(_ option: String, _ invocation: Invocation) throws -> DatabaseLocation {
        guard let text = invocation.options[option] else {
            throw CommandFailure(code: .usage, message: "\(option) URL is missing")
        }
        do {
            return try DatabaseLocation(text)
        } catch {
            throw CommandFailure(code: .usage, message: "\(option) \(error.description)")
        }
    }

    private func write(_ tables: [DatabaseCopier.Table], asJSON: Bool) {
        if asJSON {
            let counts = tables.map { ($0.name, JSONValue.integer(Int64($0.rows))) }
            Console.write(String(decoding: JSONValue.object(JSONObject(counts)).serialized, as: UTF8.self))
        } else {
            for table in tables { Console.write("\(table.name): \(table.rows) rows, the same in both") }
        }
    }
}
