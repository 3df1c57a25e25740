import AccountsContract
import Authorization
import HTTP
import Idempotency
import JSON
import Shared

/// Accounts from elsewhere, many at once.
struct UserImportRoutes: Sendable {
    /// Takes over the accounts of a text under the name of a run.
    typealias Import =
        @Sendable (_ text: Secret<[UInt8]>, _ id: Identifier, _ actor: Principal) async throws -> ImportReport

    let importUsers: Import
    let gate: any Gate
    let idempotency: IdempotencyKeys
    /// Of every body.
    let bodyLimit: ByteCount

    var routes: [Route] { [importRoute] }

    private var importRoute: Route {
        Route(
            .post, "/users/import",
            Operation(
                "importUsers",
                "Take over accounts from elsewhere with the hashes of their passwords; an account that exists stays as it is, unless nobody has proved its address and the line says that it is proved. The same lines can be sent again",
                tag: UserRoutes.tag,
                answers: [
                    .json(200, UserImportAnswer.self, "What became of the lines; those without an error are taken over")
                ]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate, once: idempotency, reads: .text(lines)
        ) { lines, principal, id in
            .json(UserImportAnswer(report: try await importUsers(Secret(lines), id, principal)))
        }
    }

    private var lines: TextBody {
        TextBody(
            "UserImportLines", "application/x-ndjson",
            """
            One JSON object a line, each of at most 64 KiB: `email`, `password_hash` (Argon2, bcrypt, scrypt or \
            PBKDF2), `email_verified`, `username`, `first_name`, `last_name`, `locale`, `created_at`, of which only the \
            first is needed. At most \(bodyLimit.bytes) bytes in all (`BODY_LIMIT`): send more in several parts.
            """,
            example: #"{"email": "ana@example.com", "email_verified": true}"# + "\n")
    }
}

struct UserImportAnswer: Output {
    let report: ImportReport

    static let shape = Shape<UserImportAnswer>("UserImport") { shape in
        shape.member("lines", .integer) { Int64($0.report.summary.lines) }
        shape.member("created", .integer) { Int64($0.report.summary.created) }
        shape.member("unverified", .integer) { Int64($0.report.summary.unverified) }
        shape.member("replaced", .integer) { Int64($0.report.summary.replaced) }
        shape.member("costly", .integer) { Int64($0.report.summary.costly) }
        shape.member("skipped", .integer) { Int64($0.report.summary.skipped) }
        shape.member("failed", .integer) { Int64($0.report.summary.failed) }
        shape.member("errors", .list(of: .object)) { $0.report.problems.map { UserImportErrorAnswer(problem: $0) } }
        shape.member("has_more_errors", .bool) { $0.report.hasMoreProblems }
    }
}

/// What is wrong with a line.
struct UserImportErrorAnswer: Output {
    let problem: ImportProblem

    static let shape = Shape<UserImportErrorAnswer>("UserImportError") { shape in
        shape.member("line", .integer) { Int64($0.problem.line) }
        shape.nullable("field", .text) { $0.problem.field }
        shape.member("code", .problemCode) { $0.problem.code }
        shape.member("message", .text) { $0.problem.message }
    }
}

extension OutputType where Value == ImportProblem.Code {
    fileprivate static var problemCode: OutputType {
        OutputType(
            schema: ["type": "string", "enum": .array(ImportProblem.Code.allCases.map { .string($0.rawValue) })]
        ) { $1.string($0.rawValue) }
    }
}
