import Audit
import Commands
import JSON
import SQL
import SQLite
import Shared

struct AuditVerifyCommand: Command {
    let name = "audit verify"
    let summary = "Check that no sealed line of the audit log was changed, removed or inserted."
    let details = """
        Lines older than AUDIT_RETENTION are cut off at a checkpoint, which is sealed by the master key; the check
        begins there. With --file it checks an export instead, and that the log in the database goes on from it if it
        was cut within the export. Names the first line that does not fit; exit code 1 if there is one.
        """
    let printsData = true
    let options = [CommandOption(name: "--file", value: "FILE")]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await AuditCommands.with { chain, seal, database in
            if let path = invocation.options["--file"] {
                let file = try await database.read { try chain.file(seal, in: $0) }
                return try Self.verify(file, path, wantsJSON: invocation.wantsJSON)
            }
            let verdict = try await database.read { try chain.verify(seal, in: $0) }
            Self.tell(verdict.position, verdict.checkpoint, verdict.firstBreak, wantsJSON: invocation.wantsJSON)
            return verdict.firstBreak == nil ? .success : .failure
        }
    }

    private static func verify(_ file: AuditFile, _ path: String, wantsJSON: Bool) throws -> ExitCode {
        var file = file
        let reader = try LineReader(path: path, byteCountMax: 65_536)
        do {
            while let line = try reader.next() {
                guard case .bytes(let bytes) = line else {
                    throw CommandFailure(code: .failure, message: "\(path): a line is too long to be of an export")
                }
                try file.take(bytes)
            }
            try file.end()
        } catch AuditFile.Trouble.broken(let found) {
            tell(file.position, nil, found, wantsJSON: wantsJSON)
            return .failure
        } catch let trouble as AuditFile.Trouble {
            throw CommandFailure(code: .failure, message: "\(path): \(trouble)")
        }
        tell(file.position, nil, nil, wantsJSON: wantsJSON)
        return .success
    }

    private static func tell(_ position: Int, _ checkpoint: Int?, _ found: AuditBreak?, wantsJSON: Bool) {
        if wantsJSON {
            let data: JSONValue = [
                "position": .integer(Int64(position)),
                "checkpoint": checkpoint.map { .integer(Int64($0)) } ?? .null,
                "break": found.map(Self.json) ?? .null,
            ]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else if found == nil {
            let beginning = checkpoint.map { $0 > 0 ? "; lines up to \($0) were cut off" : "" } ?? ""
            Console.write("the audit log is whole up to line \(position)\(beginning)")
        }
        if let found { Console.writeError("gapura: \(found)") }
    }

    private static func json(_ found: AuditBreak) -> JSONValue {
        [
            "kind": .string(found.kind.rawValue), "position": .integer(Int64(found.position)),
            "id": found.id.map { .string($0.description) } ?? .null,
        ]
    }
}

struct AuditExportCommand: Command {
    let name = "audit export"
    let summary = "Print the sealed lines of the audit log as JSON, one a line, and check them."
    let details = """
        The first line says where the log begins; each of the others has its place and its hash, so that
        gapura audit verify --file FILE can check it later, without the database's lines. Personal data is left out.
        Keep an export before AUDIT_RETENTION cuts its lines off. Exit code 1 if a line does not fit; then the export
        ends before it.
        """

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await AuditCommands.with { chain, seal, database in
            let found = try await AuditExporter(chain, seal, in: database).export { line in
                Console.write(String(decoding: line.serialized, as: UTF8.self))
            }
            guard let found else { return .success }
            Console.writeError("gapura: \(found)")
            return .failure
        }
    }
}

private enum AuditCommands {
    /// Beside running servers.
    static func with(
        _ work: (AuditChain, AuditSeal, any Database) async throws -> ExitCode
    ) async throws -> ExitCode {
        let installation = try await Installation(try SettingsLoader.load(), logger: .silent)
        let result: Result<ExitCode, any Error>
        do {
            result = .success(try await work(installation.auditChain, installation.auditSeal, installation.database))
        } catch {
            result = .failure(error)
        }
        await installation.database.close()
        return try result.get()
    }
}
