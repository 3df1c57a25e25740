import Commands
import Configuration
import Crypto
import Glibc
import HTTP
import JSON
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@testable import Gapura

@Suite("The program, wired")
struct WebApplicationTests {
    /// The routes of an installation in a folder of its own.
    private func withApplication(
        _ values: [String: String] = [:], _ body: (WebApplication) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let installation = try await Installation(try settings(folder, values), logger: .silent)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(WebApplication(installation)))
            } catch {
                result = .failure(error)
            }
            await installation.database.close()
            try result.get()
        }
    }

    private func settings(
        _ folder: String, _ values: [String: String] = [:], environment: AppEnvironment = .development
    ) throws -> AppSettings {
        let all = ["DATA_DIR": folder, "ARGON2_CONCURRENCY": "1"].merging(values) { $1 }
        var reader = SettingsReader(values: all) { _ in "" }
        let settings = AppSettings(&reader, environment: environment)
        try #require(reader.failures == [])
        return settings
    }

    @Test("no two routes share a method and path, and no two operations an id")
    func unique() async throws {
        try await withApplication { application async throws in
            let places = application.routes.map { route in
                let path = route.path.segments.map { segment in
                    if case .constant(let name) = segment { name } else { "{}" }
                }
                return "\(route.method.rawValue) /\(path.joined(separator: "/"))"
            }
            #expect(Set(places).count == places.count)
            let ids = application.routes.map(\.operation.id)
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test("every route but the document's own is in the document")
    func documented() async throws {
        try await withApplication { application async throws in
            let paths = try #require(application.document.json["paths"])
            for route in application.routes where route.operation.id != "readOpenAPI" {
                let operation = paths[route.path.description]?[route.method.rawValue.lowercased()]
                #expect(operation?["operationId"]?.text == route.operation.id)
            }
        }
    }

    @Test("every operation, parameter and member is described in words, and no word is idle")
    func described() async throws {
        try await withApplication { application async throws in
            let document = application.document
            let groups = document.reference.groups.flatMap(\.calls)
            let silent =
                groups.filter { $0.description == nil }.map(\.id)
                + groups.flatMap { call in
                    call.parameters.filter { $0.description == nil }.map { "\(call.id).\($0.name)" }
                }
                + document.reference.schemas.flatMap { schema in
                    schema.fields.filter { $0.description == nil }.map { "\(schema.name).\($0.name)" }
                }
            #expect(silent == [], "add words in the module's table of words, such as AccessWords.swift")
            #expect(document.idleWords == [])
            #expect(document.repeatedWords == [])
            for text in groups.compactMap(\.description) { #expect(text.hasSuffix("."), "\(text)") }
        }
    }

    @Test("every route that creates something takes an idempotency key, and no route of signing in does")
    func idempotency() async throws {
        try await withApplication { application async throws in
            let idempotent = application.routes.filter(\.operation.isIdempotent)
            #expect(idempotent.allSatisfy { $0.method == .post })
            for route in application.routes where route.operation.answers.contains(where: { $0.status == 201 }) {
                #expect(route.operation.isIdempotent, "\(route.method.rawValue) \(route.path)")
            }
            let signIn = ["/login", "/login/code", "/login/link", "/refresh-token"]
            #expect(Set(signIn).isSubset(of: application.routes.map(\.path.description)))
            #expect(!idempotent.contains { signIn.contains($0.path.description) })
        }
    }

    @Test("every answer has an id and the strict headers, also what is not found and what the server refuses")
    func headers() async throws {
        try await withApplication { application async throws in
            let answers = [
                await get(application.router, "/.well-known/jwks.json"), await get(application.router, "/nothing"),
                await get(application.router, "/me"), application.router.refuse(.malformed("x")),
            ]
            #expect(answers.map(\.status) == [200, 404, 401, 400])
            for answer in answers {
                #expect(answer["X-Request-Id"] != nil)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
                #expect(answer.headers.filter { $0.name == "Content-Security-Policy" }.count == 1)
            }
        }
    }

    @Test("the captured mailbox is open under this machine's names only, however its path is written")
    func mailbox() async throws {
        try await withApplication { application async throws in
            #expect(await get(application.router, "/dev/mailbox.json", host: "localhost:8080").status == 200)
            for path in ["/dev/mailbox.json", "/%64ev/mailbox.json"] {
                #expect(await get(application.router, path, host: "evil.example").status == 404)
            }
        }
    }

    @Test("figures move to the operators' listener when there is one")
    func figures() async throws {
        try await withApplication { application async throws in
            #expect(await get(application.router, "/metrics").status == 200)
        }
        try await withApplication(["ADMIN_PORT": "9000"]) { application async throws in
            #expect(await get(application.router, "/metrics").status == 404)
            #expect(await get(application.adminRouter, "/metrics").status == 200)
            #expect(await get(application.adminRouter, "/me").status == 404)
        }
    }

    @Test("a process that is not ready says so, and lives")
    func health() async throws {
        try await withApplication { application async throws in
            #expect(await get(application.router, "/health/live").status == 200)
            #expect(await get(application.router, "/health/ready").status == 503)
        }
    }

    @Test("production refuses a database that was made in development")
    func productionRefuses() async throws {
        try await withTemporaryFolder { folder in
            let first = try await Installation(try settings(folder), logger: .silent)
            await first.database.close()
            let values = [
                "APP_URL": "https://id.example.com", "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            ]
            let production = try settings(folder, values, environment: .production)
            let failure = await #expect(throws: CommandFailure.self) {
                _ = try await Installation(production, logger: .silent)
            }
            #expect(failure?.code == .configuration)
        }
    }

    @Test("development makes its master key once, for its owner only")
    func masterKey() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: CommandFailure.self) {
                try MasterKeyFile.load(in: "\(folder)/data", isNeeded: true, random: SystemRandomSource())
            }
            let keys = try [false, true].map {
                try MasterKeyFile.load(in: "\(folder)/data", isNeeded: $0, random: SystemRandomSource())
            }
            #expect(keys[0].derive("test").reveal() == keys[1].derive("test").reveal())
            var status = stat()
            #expect(stat("\(folder)/data/master.key", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    private func get(_ router: Router, _ path: String, host: String = "localhost:8080") async -> Response {
        await router.respond(
            to: Request(method: .get, path: path, headers: Headers([("Host", host), ("Accept", "application/json")])))
    }
}
