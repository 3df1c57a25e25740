import HTTP
import JSON
import Shared
import TestSupport
import Testing
import __Module__Contract

@testable import __Module__Infrastructure

@Suite("__Module__, wired over each database")
struct __Module__ModuleTests {
    @Test("what is added over HTTP is stored, told and written down, and other modules may ask for it")
    func creates() async throws {
        try await with__Module__House { house async throws in
            let created = await Router(routes: house.routes, middleware: []).respond(
                to: Request(
                    method: .post, path: "/__path__",
                    headers: Headers([("Content-Type", "application/json"), ("Authorization", "Bearer writer")]),
                    body: (["title": "A title"] as JSONValue).serialized))
            #expect(created.status == 201)
            let id = try #require(try JSONValue(parsing: created.body)["id"]?.text)
            let title = try await house.module.facade.title(of: try #require(__Entity__ID(text: id)))
            #expect(title == "A title")
            #expect(try await house.publishedTypes() == ["__snake__.created"])
            #expect(try await house.auditedActions() == ["__snake__.created"])
        }
    }
}
