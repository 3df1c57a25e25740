import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Importing users from lines")
struct UserImportTests {
    /// What a run gave.
    private struct Run: Sendable {
        let summary: ImportSummary
        let problems: [String]
    }

    private func run(_ scene: ImportScene, from first: Int = 1, _ lines: [String]) async throws -> Run {
        var rest = lines[...]
        var problems: [String] = []
        let summary = try await scene.userImport(
            from: first, nextLine: { rest.popFirst().map { .bytes(Array($0.utf8)) } },
            report: { problems.append($0.description) })
        return Run(summary: summary, problems: problems)
    }

    private static func line(_ number: Int) -> String {
        #"{"email":"user\#(number)@example.com","email_verified":true}"#
    }

    private static func lines(_ count: Int) -> [String] { (1...count).map { line($0) } }

    @Test("keeps everything that a line says")
    func whole() async throws {
        let scene = ImportScene()
        let hash = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."
        let done = try await run(
            scene,
            [
                """
                {"email":"Ana@example.com","password_hash":"\(hash)","email_verified":true,"username":"ana",\
                "first_name":"Ana","last_name":"Mar\\u00eda","locale":"pt-BR","created_at":"2020-05-17T09:30:00+02:00"}
                """
            ])
        #expect(done.summary == ImportSummary(lines: 1, created: 1))
        let account = try #require(
            try await scene.work.read { try $0.users.find(email: EmailAddress("ana@example.com")!) })
        #expect(account.user.email.text == "Ana@example.com")
        #expect(account.user.passwordHash == hash)
        #expect(account.user.isVerified)
        #expect(account.user.username == "ana")
        #expect(account.profile.firstName == "Ana")
        #expect(account.profile.lastName == "Mar\u{ED}a")
        #expect(account.user.locale == "pt-BR")
        #expect(account.user.createdAt == Timestamp(text: "2020-05-17T07:30:00Z"))
        #expect(scene.work.store.eventTypes == ["user.created"])
        #expect(scene.work.store.audit.map(\.action) == ["users.import_started"])
        #expect(scene.work.store.validations.isEmpty)
    }

    @Test(
        "tells what is wrong with a line, and takes the others",
        arguments: [
            (#"{"email":"nobody"}"#, ["line 2: email: must be a valid e-mail address"]),
            ("{}", ["line 2: email: is missing"]), ("[]", ["line 2: is not a JSON object"]),
            ("{", ["line 2: is not JSON: a member needs a quoted name (byte 1)"]),
            (#"{"email":"a@example.com"} x"#, ["line 2: is not JSON: something follows the document (byte 26)"]),
            (#"{"email":"a@example.com","pasword_hash":"x"}"#, ["line 2: pasword_hash: is not a known field"]),
            (#"{"email":"a@example.com","$2b$04$abc":"x"}"#, ["line 2: has a field that is not known"]),
            (
                #"{"email":"a@example.com","password_hash":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
                ["line 2: password_hash: is of no known format (Argon2id, bcrypt, scrypt or PBKDF2)"]
            ),
            (#"{"email":"a@example.com","password_hash":7}"#, ["line 2: password_hash: must be text"]),
            (
                #"{"email":"a","email_verified":1,"username":"","locale":"English","created_at":"yesterday"}"#,
                [
                    "line 2: email: must be a valid e-mail address", "line 2: email_verified: must be true or false",
                    "line 2: username: must have 1 to 64 characters",
                    "line 2: locale: must be a language tag such as en or pt-BR",
                    "line 2: created_at: must be a time such as 2026-11-21T09:30:00Z",
                ]
            ),
            (
                #"{"email":"a@example.com","created_at":"9999-01-01T00:00:00Z"}"#,
                ["line 2: created_at: must not be in the future"]
            ),
        ])
    func problems(line: String, problems: [String]) async throws {
        let scene = ImportScene()
        let done = try await run(scene, [Self.line(1), line, Self.line(3)])
        #expect(done.problems == problems)
        #expect(done.summary == ImportSummary(lines: 3, created: 2, failed: 1))
        #expect(scene.work.store.accounts.count == 2)
    }

    @Test("passes over blank lines and those before the first that counts, and keeps their numbers")
    func passedOver() async throws {
        let scene = ImportScene()
        let done = try await run(scene, from: 3, [Self.line(1), "{", "", " \t\r", "{", Self.line(6) + "\r"])
        #expect(done.problems == ["line 5: is not JSON: a member needs a quoted name (byte 1)"])
        #expect(done.summary == ImportSummary(lines: 2, created: 1, failed: 1))
        #expect(scene.work.store.accounts.count == 1)
    }

    @Test("counts who is not verified, and gives him the time that everybody has for it, however old the account is")
    func unverified() async throws {
        let scene = ImportScene()
        let done = try await run(
            scene, [#"{"email":"ana@example.com","created_at":"2020-01-01T00:00:00Z"}"#, Self.line(1)])
        #expect(done.summary == ImportSummary(lines: 2, created: 2, unverified: 1))
        let cleanUp = CleanUpService(work: scene.work, clock: scene.clock)
        scene.clock.advance(by: CleanUpService.unprovedLifetime)
        _ = try await cleanUp()
        #expect(scene.work.store.accounts.count == 2)
        scene.clock.advance(by: .milliseconds(1))
        _ = try await cleanUp()
        #expect(scene.work.store.accounts.count == 1)
    }

    @Test("refuses a line that is too long")
    func tooLong() async throws {
        let scene = ImportScene()
        var lines: [ImportLine] = [.tooLong, .bytes(Array(Self.line(2).utf8))]
        var problems: [ImportProblem] = []
        let summary = try await scene.userImport(
            from: 1, nextLine: { lines.isEmpty ? nil : lines.removeFirst() }, report: { problems.append($0) })
        let tooLong = ImportProblem(
            line: 1, field: nil, code: .lineTooLong, message: "has more than 65536 bytes")
        #expect(problems == [tooLong])
        #expect(summary == ImportSummary(lines: 2, created: 1, failed: 1))
    }

    @Test("of more than one batch is done whole, and a second run changes nothing")
    func again() async throws {
        let scene = ImportScene()
        let lines = Self.lines(2 * UserImport.batchSize + 1)
        #expect(try await run(scene, lines).summary == ImportSummary(lines: 1_001, created: 1_001))
        #expect(try await run(scene, lines).summary == ImportSummary(lines: 1_001, skipped: 1_001))
        #expect(scene.work.store.accounts.count == 1_001)
        #expect(scene.work.store.events.count == 1_001)
    }

    @Test("tells after a failure of the store where to go on, and going on there does the rest")
    func interrupted() async throws {
        let scene = ImportScene()
        let lines = Self.lines(1_200)
        // The beginning of the run and its first batch.
        for _ in 1...2 { scene.work.beforeNextWrite {} }
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "the disk is full") }
        let interruption = await #expect(throws: ImportInterrupted.self) { try await run(scene, lines) }
        #expect(interruption?.cause is Unavailable)
        let next = try #require(interruption?.nextLine)
        #expect(next == UserImport.batchSize + 1)
        #expect(scene.work.store.accounts.count == UserImport.batchSize)
        let rest = try await run(scene, from: next, lines)
        #expect(rest.summary == ImportSummary(lines: 700, created: 700))
    }
}

@Suite("Importing users from a body")
struct UserImportBodyTests {
    private static let actor = Principal(
        .session(SequentialIdentifiers.identifier(899)), of: SequentialIdentifiers.identifier(900), permissions: .all,
        client: ClientInfo(address: .loopback, userAgent: "Test/1"))
    private static let run = SequentialIdentifiers.identifier(901)

    private func report(_ scene: ImportScene, _ text: String) async throws -> ImportReport {
        try await scene.userImport.importUsers(Secret(Array(text.utf8)), Self.run, by: Self.actor)
    }

    @Test("counts, and tells each error by its line and a code; the same body again changes nothing")
    func errors() async throws {
        let scene = ImportScene()
        let text = """
            {"email":"ana@example.com","email_verified":true}\r
            {"email":"nobody"}

            {"email":"budi@example.com"}
            {"email":"c@example.com","roles":["admin"],"is_admin":true}
            [1]
            {
            \(String(repeating: " ", count: 65_537))
            {"email":"ANA@example.com"}
            """
        let first = try await report(scene, text)
        #expect(
            first.summary == ImportSummary(lines: 8, created: 2, unverified: 1, skipped: 1, failed: 5))
        #expect(
            first.problems.map { "\($0.line) \($0.field ?? "-") \($0.code.rawValue)" } == [
                "2 email invalid_field", "5 roles unknown_field", "5 is_admin unknown_field", "6 - not_an_object",
                "7 - not_json", "8 - line_too_long",
            ])
        #expect(!first.hasMoreProblems)
        let second = try await report(scene, text)
        #expect(second.summary == ImportSummary(lines: 8, skipped: 3, failed: 5))
        #expect(second.problems == first.problems)
        #expect(scene.work.store.accounts.count == 2)
        #expect(scene.work.store.accounts.values.allSatisfy { $0.user.role == nil })
    }

    @Test("names in the audit log who did it and the run, and nothing of the lines")
    func audit() async throws {
        let scene = ImportScene()
        let hash = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."
        _ = try await report(scene, #"{"email":"ana@example.com","password_hash":"\#(hash)"}"#)
        let lines = try await scene.work.read { try $0.auditTrail(about: "import:\(Self.run)") }
        #expect(lines.map(\.action) == ["users.import_started"])
        #expect(lines.map(\.actor) == ["user:\(SequentialIdentifiers.identifier(900))"])
        #expect(lines.map(\.personal) == [["address": "127.0.0.1", "user_agent": "Test/1"]])
    }

    @Test("tells a hundred problems and that there are more")
    func manyErrors() async throws {
        let scene = ImportScene()
        let some = try await report(scene, String(repeating: "x\n", count: 100))
        #expect(some.problems.count == 100 && !some.hasMoreProblems)
        let many = try await report(scene, String(repeating: "x\n", count: 1_001))
        #expect(many.problems.count == 100 && many.hasMoreProblems && many.summary.failed == 1_001)
    }
}

/// The import over a store in memory.
private struct ImportScene: Sendable {
    let clock = ManualClock()
    let work: InMemoryAccountsWork
    let userImport: UserImport

    init() {
        work = InMemoryAccountsWork(clock: clock)
        userImport = UserImport(
            importUsers: ImportUsersService(work: work, clock: clock, identifiers: SequentialIdentifiers()),
            clock: clock)
    }
}
