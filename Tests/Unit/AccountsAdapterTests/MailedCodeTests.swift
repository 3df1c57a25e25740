import HTTP
import JSON
import Shared
import Testing

@testable import AccountsInfrastructure

@Suite("A mailed code")
struct MailedCodeTests {
    private func read(_ text: String) -> String? {
        let body: JSONObject = ["email": "ana@example.com", "code": .string(text)]
        return try? Fields.read(LoginCodeBody.self, from: body).code.reveal()
    }

    @Test(
        "is read however it was pasted",
        arguments: [
            "388123", " 388123", "388123\n", "388 123", "388-123", "3-8-8-1-2-3", "388\u{A0}123", "388\u{2013}123",
            "３８８１２３",
            "٣٨٨١٢٣", "३८८१२३",
        ])
    func pasted(_ text: String) {
        #expect(read(text) == "388123")
    }

    @Test(
        "is refused before it counts as a guess if it cannot be one",
        arguments: [
            "", " ", "38812", "3881234", "38812a", "abcdef", "388.123", "+388123", "³88123", "Ⅲ88123", "388123388123",
        ])
    func none(_ text: String) {
        #expect(read(text) == nil)
    }
}
