import Commands
import DatabaseCopy
import FoundationEssentials
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
        is encrypted in both. The source is not changed, but for an identifier that it may get. A URL with a password
        belongs in a file, which --from-file or --to-file names: others on the machine see command lines.
        """
    let printsData = true
    let options = Self.from.options + Self.to.options

    private static let from = SecretOption(name: "--from", value: "URL")
    private static let to = SecretOption(name: "--to", value: "URL")

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let settings = try SettingsLoader.load()
        let (from, to) = (try location(Self.from, invocation), try location(Self.to, invocation))
        // Opening it would make it.
        if case .sqlite(let path) = from, !FileManager.default.fileExists(atPath: path) {
            throw CommandFailure(code: .unavailable, message: "--from: there is no file \(path)")
        }
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
        let (id, origin) = try await naming("--from") { try await prepare(source, environment) }
        // Made where the source was made, so that production goes on refusing what it refused before.
        try await naming("--to") { _ = try await Installation.migrate(target, origin, setBy: "--to") }
        return try await naming("--from or --to") {
            let copier = DatabaseCopier(from: source, to: target, sourceName: id)
            let tables = try await copier.run { Console.writeError("copied \($0.name): \($0.rows) rows") }
            try await InstallationFacts(target).note("id", id)
            return tables
        }
    }

    /// - Returns: the identifier that tells the source from others, and the environment that it was made in.
    private func prepare(
        _ source: any Database, _ environment: AppEnvironment
    ) async throws -> (id: String, origin: AppEnvironment) {
        let statuses = try await Migrator(Schema.migrations(for: source.dialect)).status(source)
        guard statuses.allSatisfy({ $0.state == .applied }) else {
            throw CommandFailure(
                code: .configuration, message: "--from: bring its schema up to date first, by gapura migrate up")
        }
        if try await DatabaseCopier.isUnfinished(source) {
            throw CommandFailure(
                code: .configuration, message: "--from: the copy into this database has not finished")
        }
        try await Installation.mark(source, environment, setBy: "--from")
        let facts = InstallationFacts(source)
        let identifiers = TimeOrderedIdentifierSource(clock: SystemWallClock())
        try await facts.note("id", identifiers.next().description)
        let origin = try await facts.find("environment").flatMap { AppEnvironment(rawValue: $0) }
        return (try await facts.find("id") ?? "", origin ?? environment)
    }

    private func naming<T>(_ option: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let failure as Unavailable {
            throw CommandFailure(code: .unavailable, message: "\(option): \(failure)")
        }
    }

    private func location(_ option: SecretOption, _ invocation: Invocation) throws -> DatabaseLocation {
        guard let given = try option.read(invocation) else {
            throw CommandFailure(code: .usage, message: "\(option.name) \(option.value) is missing")
        }
        do {
            return try DatabaseLocation(given.text)
        } catch {
            throw CommandFailure(code: .usage, message: "\(given.option) \(error.description)")
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
