import AccessApplication
import AccessDoubles
import AccountsContract
import HTTP
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The REST route that takes accounts over")
struct UserImportRoutesTests {
    private static let line = Array(#"{"email":"ana@example.com"}"#.utf8)
    private static let lines = [("Content-Type", "application/x-ndjson; charset=utf-8")]

    private func post(
        _ client: Client, _ headers: [(String, String)] = lines, _ body: [UInt8] = line
    ) async -> Response {
        await client.send(.post, "/users/import", nil, headers, body)
    }

    @Test("the lines go to Accounts as they are, with who sends them; counts and errors by line come back")
    func report() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:write")
            house.importer.answer(
                ImportReport(
                    summary: ImportSummary(lines: 7, created: 3, unverified: 2, skipped: 1, failed: 3),
                    problems: [
                        ImportProblem(line: 4, field: "email", code: .invalidField, message: "is missing"),
                        ImportProblem(line: 6, field: nil, code: .notJSON, message: "is not JSON"),
                    ],
                    hasMoreProblems: true))
            let answer = await post(admin)
            #expect(answer.status == 200)
            let expected: JSONValue = [
                "lines": 7, "created": 3, "unverified": 2, "skipped": 1, "failed": 3,
                "errors": [
                    ["line": 4, "field": "email", "code": "invalid_field", "message": "is missing"],
                    ["line": 6, "field": .null, "code": "not_json", "message": "is not JSON"],
                ],
                "has_more_errors": true,
            ]
            #expect(try answer.json() == expected)
            let command = try #require(house.importer.commands.first)
            #expect(command.lines.reveal() == Self.line && command.actor.auditName == "user:\(admin.userID)")
        }
    }

    @Test("only who may write users may, and no key; nothing of the body is looked at before")
    func refused() async throws {
        try await withAdministrationHouse { house in
            #expect(await post(house.client(), [], []).refusal == "401 unauthenticated")
            #expect(await post(try house.signIn("users:read"), [], []).refusal == "403 permission_denied")
            let owner = try house.user("owner")
            _ = try house.signIn("*:*", as: owner)
            let key = try house.key("*:*", of: owner)
            #expect(await post(house.client(("X-Api-Key", key))).refusal == "403 permission_denied")
            #expect(house.importer.commands.isEmpty)
        }
    }

    @Test("a body of another type, or none, is refused")
    func body() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:write")
            let json = [("Content-Type", "application/json")]
            #expect(await post(admin, json).refusal == "415 unsupported_media_type")
            #expect(await post(admin, []).refusal == "415 unsupported_media_type")
            #expect(await post(admin, Self.lines, []).refusal == "400 bad_request")
            #expect(house.importer.commands.isEmpty)
        }
    }

    @Test("the answer is given again for the same key, and after a failure the run with the key goes on under its name")
    func once() async throws {
        try await withAdministrationHouse { house in
            let admin = try house.signIn("users:write")
            let headers = Self.lines + [("Idempotency-Key", "k")]
            house.importer.fail(with: Unavailable("database", reason: "gone"))
            #expect(await post(admin, headers).status == 503)
            house.importer.fail(with: nil)
            let answer = await post(admin, headers)
            #expect(answer.status == 200)
            #expect(Set(house.importer.commands.map(\.id)).count == 1 && house.importer.commands.count == 2)
            let again = await post(admin, headers)
            #expect(again["Idempotent-Replayed"] == "true" && again.body == answer.body)
            #expect(house.importer.commands.count == 2)
            #expect(await post(admin, headers, Self.line + Self.line).refusal == "422 idempotency_key_reused")
        }
    }
}
