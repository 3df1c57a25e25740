import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import HTTPSupport
import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Secrets at rest")
struct SecretsAtRestTests {
    @Test("no column holds the password, the mailed token, the access token or the refresh token")
    func columns() async throws {
        try await withAccountsHouse { house in
            let secrets = try await walk(house)
            let dump = try await dump(house.database)
            // The search itself works: what may be there is found.
            #expect(dump.contains(bytes: "ana@example.com"))
            #expect(dump.contains(bytes: "$argon2id$"))
            for (name, secret) in secrets {
                #expect(secret.count > 8)
                #expect(!dump.contains(bytes: secret), "\(name)")
                if let decoded = Base64URL.decode(secret.suffix(while: { $0 != "." })) {
                    #expect(!dump.contains { $0.firstRange(of: decoded) != nil }, "\(name), decoded")
                }
            }
        }
    }

    /// Registers, verifies and signs in; gives every secret that was used on the way.
    private func walk(_ house: AccountsHouse) async throws -> [(name: String, secret: String)] {
        let module = try await house.module()
        let client = RESTClient(house.routes(of: module))
        let credentials: JSONValue = ["email": "ana@example.com", "password": "correct horse battery"]
        try #require(await client.post("/register", credentials).status == 201)
        let validation = try #require(try await house.latestLink(.verify))
        let mail = try #require(try await module.facade.linkMail(for: validation))
        let link = String(try #require(mail.link.split(separator: "=").last))
        try #require(await client.post("/verify", ["token": .string(link)]).status == 200)
        let signedIn = try await client.post("/login", credentials, [("X-Token-Delivery", "body")]).json()
        return [
            ("password", "correct horse battery"), ("link", link),
            ("access token", try #require(signedIn["access_token"]?.text)),
            ("refresh token", try #require(signedIn["refresh_token"]?.text)),
        ]
    }

    /// Every value of every column of every table, as bytes.
    private func dump(_ database: any Database) async throws -> [[UInt8]] {
        try await database.read { transaction in
            let names = DialectText(
                sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table'",
                postgres: "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()")
            let tables = try transaction.query("\(names)") { try $0.text(0) }
            return try tables.flatMap { table in
                try transaction.query(Statement(unsafeSQL: "SELECT * FROM \"\(table)\"")) { row in
                    try (0..<row.columnCount).map { Self.bytes(of: try row.value($0)) }
                }.flatMap { $0 }
            }
        }
    }

    private static func bytes(of value: SQLValue) -> [UInt8] {
        switch value {
        case .text(let text), .json(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .identifier(let identifier): identifier.bytes
        case .null, .integer, .number, .boolean, .timestamp: []
        }
    }
}

extension [[UInt8]] {
    fileprivate func contains(bytes text: String) -> Bool {
        let wanted: [UInt8] = .init(text.utf8)
        return contains { $0.firstRange(of: wanted) != nil }
    }
}

extension String {
    /// The longest end whose characters all fulfil the condition.
    fileprivate func suffix(while condition: (Character) -> Bool) -> String {
        String(reversed().prefix(while: condition).reversed())
    }
}
