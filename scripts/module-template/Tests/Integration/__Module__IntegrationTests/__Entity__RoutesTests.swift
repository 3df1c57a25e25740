import HTTP
import JSON
import Shared
import TestSupport
import Testing
import __Module__Contract

@testable import __Module__Infrastructure

@Suite("__Module__ over HTTP")
struct __Entity__RoutesTests {
    @Test("what is added is there to be read, and other modules may ask for it")
    func createAndRead() async throws {
        try await with__Module__House { house async throws in
            let created = await post(house, ["title": " A title "])
            #expect(created.status == 201)
            let document = try JSONValue(parsing: created.body)
            #expect(document["title"] == "A title")
            #expect(document["created_at"]?.text == house.clock.now.description)
            let id = try #require(document["id"]?.text)
            let read = await respond(house, Request(method: .get, path: "/__path__/\(id)"))
            #expect(read.status == 200)
            #expect(read.body == created.body)
            let title = try await house.module.facade.title(of: try #require(__Entity__ID(text: id)))
            #expect(title == "A title")
            #expect(try await house.publishedTypes() == ["__snake__.created"])
            #expect(try await house.auditedActions() == ["__snake__.created"])
        }
    }

    @Test("the same request again under its key adds nothing, and gets the same answer")
    func again() async throws {
        try await with__Module__House { house async throws in
            let key = [("Idempotency-Key", "k")]
            let first = await post(house, ["title": "A title"], key)
            let again = await post(house, ["title": "A title"], key)
            #expect(first.status == 201 && again.status == 201)
            #expect(again["Idempotent-Replayed"] == "true" && again.body == first.body)
            #expect(await post(house, ["title": "Another"], key).status == 422)
            #expect(try await house.publishedTypes().count == 1)
        }
    }

    @Test("a title that is taken is a conflict")
    func taken() async throws {
        try await with__Module__House { house async throws in
            _ = await post(house, ["title": "A title"])
            let refused = await post(house, ["title": "A title"])
            #expect(refused.status == 409)
            #expect(try JSONValue(parsing: refused.body)["code"] == "__snake___title_taken")
            #expect(try await house.publishedTypes().count == 1)
        }
    }

    @Test("a body without a good title is told", arguments: [[:], ["title": "  "], ["title": 1]] as [JSONValue])
    func invalid(_ body: JSONValue) async throws {
        try await with__Module__House { house in
            #expect(await post(house, body).status == 422)
        }
    }

    @Test("what is not there is not found", arguments: ["nonsense", "01900000-0000-7000-8000-000000000099"])
    func unknown(_ id: String) async throws {
        try await with__Module__House { house in
            #expect(await respond(house, Request(method: .get, path: "/__path__/\(id)")).status == 404)
        }
    }

    @Test("who is not signed in or lacks the permission adds nothing")
    func guarded() async throws {
        try await with__Module__House { house async throws in
            #expect(await post(house, ["title": "A title"], by: nil).status == 401)
            #expect(await post(house, ["title": "A title"], by: "reader").status == 403)
            #expect(try await house.publishedTypes() == [])
            #expect(try await house.auditedActions() == [])
        }
    }

    private func post(
        _ house: __Module__House, _ body: JSONValue, _ others: [(String, String)] = [],
        by token: String? = "writer"
    ) async -> Response {
        let credential = token.map { [("Authorization", "Bearer \($0)")] } ?? []
        return await respond(
            house,
            Request(
                method: .post, path: "/__path__",
                headers: Headers([("Content-Type", "application/json")] + credential + others), body: body.serialized))
    }

    private func respond(_ house: __Module__House, _ request: Request) async -> Response {
        let failures = FailureMapping(logger: .silent) { problem, _ in Response(status: problem.kind.status) }
        return await Router(routes: house.routes, middleware: [failures]).respond(to: request)
    }
}
