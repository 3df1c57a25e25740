import AccountsApplication
import AccountsContract
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The REST route that takes accounts over")
struct UserImportRoutesTests {
    private static let line = Array(#"{"email":"ana@example.com"}"#.utf8)
    private static let lines = [("Content-Type", "application/x-ndjson; charset=utf-8")]

    private struct Run: Sendable {
        let text: [UInt8]
        let id: Identifier
        let actor: Principal
    }

    private func post(
        _ staff: Staff, _ headers: [(String, String)] = lines, _ body: [UInt8] = line
    ) async -> Response {
        await staff.send(.post, "/users/import", headers, bytes: body)
    }

    @Test("the lines are taken over in the caller's name; counts and errors by line come back")
    func report() async throws {
        let fixture = try StaffFixture()
        _ = try await fixture.user("budi")
        let text = """
            {"email":"ana@example.com","email_verified":true}
            {"email":"cici@example.com"}
            {"email":"budi@example.com"}
            {"username":"nobody"}

            nonsense
            """
        let answer = await post(fixture.signIn("users:write"), Self.lines, Array(text.utf8))
        #expect(answer.status == 200)
        let report = try answer.json()
        let members = ["lines", "created", "unverified", "replaced", "costly", "skipped", "failed"]
        #expect(members.map { report[$0]?.integer } == [5, 2, 1, 0, 0, 1, 2])
        #expect(report["has_more_errors"]?.flag == false)
        let errors = try #require(report["errors"]?.elements)
        #expect(errors.map { $0["line"]?.integer } == [4, 6])
        #expect(errors.map { $0["field"]?.text } == ["email", nil])
        #expect(errors.map { $0["code"]?.text } == ["invalid_field", "not_json"])
        let found = try await fixture.signIn("users:read").get("/users?search=ana").data()
        #expect(found.count == 1)
    }

    @Test("only who may write users may; nothing of the body is looked at before")
    func refused() async throws {
        let fixture = try StaffFixture()
        #expect(await post(fixture.signIn("users:read"), [], []).refusal == "403 permission_denied")
        let nobody = await fixture.signIn().client.send(.post, "/users/import", Self.lines, Self.line)
        #expect(nobody.refusal == "401 unauthenticated")
        #expect(fixture.accounts.work.store.audit.map(\.action) == [])
    }

    @Test("a body of another type, or none, is refused")
    func body() async throws {
        let fixture = try StaffFixture()
        let admin = fixture.signIn("users:write")
        let json = [("Content-Type", "application/json")]
        #expect(await post(admin, json).refusal == "415 unsupported_media_type")
        #expect(await post(admin, []).refusal == "415 unsupported_media_type")
        #expect(await post(admin, Self.lines, []).refusal == "400 bad_request")
        #expect(fixture.accounts.work.store.audit.map(\.action) == [])
    }

    @Test("the answer is given again for the same key, and after a failure the run with the key goes on under its name")
    func once() async throws {
        let runs = Recorder<Run>()
        let fixture = try StaffFixture { text, id, actor in
            runs.add(Run(text: text.reveal(), id: id, actor: actor))
            if runs.all.count == 1 { throw Unavailable("database", reason: "gone") }
            return ImportReport(summary: ImportSummary(lines: 1, created: 1), problems: [], hasMoreProblems: false)
        }
        let admin = fixture.signIn("users:write")
        let headers = Self.lines + [("Idempotency-Key", "k")]
        #expect(await post(admin, headers).status == 503)
        let answer = await post(admin, headers)
        #expect(answer.status == 200)
        #expect(Set(runs.all.map(\.id)).count == 1 && runs.all.count == 2)
        #expect(runs.all.allSatisfy { $0.text == Self.line && $0.actor.userID == Staff.id })
        let again = await post(admin, headers)
        #expect(again["Idempotent-Replayed"] == "true" && again.body == answer.body)
        #expect(runs.all.count == 2)
        #expect(await post(admin, headers, Self.line + Self.line).refusal == "422 idempotency_key_reused")
    }
}
