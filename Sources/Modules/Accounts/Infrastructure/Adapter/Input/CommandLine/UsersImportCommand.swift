import AccountsContract
import Commands
import Composition
import JSON

struct UsersImportCommand: Command {
    let name = "users import"
    let parameters = ["FILE"]
    let summary = "Take over accounts that were made elsewhere, from lines of JSON."
    let details = """
        Each line of FILE (- is standard input) is an object: {"email", "password_hash", "email_verified", "username",
        "first_name", "last_name", "locale", "created_at"}, of which only the first is needed. A hash may be of Argon2,
        bcrypt ($2a$, $2b$, $2y$), scrypt ($7$, $scrypt$) or PBKDF2 (pbkdf2_sha256$, pbkdf2_sha512$, $pbkdf2-sha256$,
        $pbkdf2-sha512$); it is renewed when its owner signs in. No mails are sent: who is not "email_verified" asks for one
        at the first sign-in, and is deleted after 7 days if the address is not proved.

        An address that has an account is skipped, so a second run over the same lines changes nothing; --from LINE
        starts at a line, counted from 1. What is wrong with a line is told on standard error. Exit code 1 if a line
        was wrong. May run beside a server.
        """
    let printsData = true
    let options = [CommandOption(name: "--from", value: "LINE")]
    let accounts: Provided<AccountsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        guard let first = Int(invocation.options["--from"] ?? "1"), first >= 1 else {
            throw CommandFailure(code: .usage, message: "LINE must be a whole number from 1")
        }
        let reader = try LineReader(path: invocation.values[0], byteCountMax: ImportLine.byteCountMax)
        try await invocation.open()
        let summary: ImportSummary
        do {
            summary = try await accounts.get().userImport(
                from: first, nextLine: { try reader.next().map { ImportLine($0) } },
                report: { Console.writeError($0.description) })
        } catch let interruption as ImportInterrupted {
            Console.writeError("gapura: stopped; --from \(interruption.nextLine) continues")
            throw interruption.cause
        }
        write(summary, asJSON: invocation.wantsJSON)
        return summary.failed == 0 ? .success : .failure
    }

    private func write(_ summary: ImportSummary, asJSON: Bool) {
        let figures = [
            ("lines", summary.lines), ("created", summary.created), ("unverified", summary.unverified),
            ("replaced", summary.replaced), ("costly", summary.costly), ("skipped", summary.skipped),
            ("failed", summary.failed),
        ]
        if asJSON {
            let data = JSONValue.object(JSONObject(figures.map { ($0, .integer(Int64($1))) }))
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else {
            Console.write(figures.map { "\($0) \($1)" }.joined(separator: ", "))
        }
    }
}

extension ImportLine {
    fileprivate init(_ line: LineReader.Line) {
        switch line {
        case .bytes(let bytes): self = .bytes(bytes)
        case .tooLong: self = .tooLong
        }
    }
}
