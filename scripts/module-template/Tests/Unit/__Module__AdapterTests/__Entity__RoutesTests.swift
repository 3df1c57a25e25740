import HTTP
import JSON
import Shared
import TestSupport
import Testing
import __Module__Doubles

@testable import __Module__Infrastructure

@Suite("__Module__ over HTTP")
struct __Entity__RoutesTests {
    @Test("what is added is there to be read")
    func createAndRead() async throws {
        let fixture = try __Module__RoutesFixture()
        let created = await fixture.post(["title": " A title "])
        #expect(created.status == 201)
        let document = try JSONValue(parsing: created.body)
        #expect(document["title"] == "A title")
        #expect(document["created_at"]?.text == fixture.clock.now.description)
        let id = try #require(document["id"]?.text)
        let read = await fixture.get("/__path__/\(id)")
        #expect(read.status == 200)
        #expect(read.body == created.body)
    }

    @Test("the same request again under its key adds nothing, and gets the same answer")
    func again() async throws {
        let fixture = try __Module__RoutesFixture()
        let key = [("Idempotency-Key", "k")]
        let first = await fixture.post(["title": "A title"], key)
        let again = await fixture.post(["title": "A title"], key)
        #expect(first.status == 201 && again.status == 201)
        #expect(again["Idempotent-Replayed"] == "true" && again.body == first.body)
        #expect(await fixture.post(["title": "Another"], key).status == 422)
        #expect(fixture.work.store.eventTypes == ["__snake__.created"])
    }

    @Test("a title that is taken is a conflict")
    func taken() async throws {
        let fixture = try __Module__RoutesFixture()
        _ = await fixture.post(["title": "A title"])
        let refused = await fixture.post(["title": "A title"])
        #expect(refused.status == 409)
        #expect(try JSONValue(parsing: refused.body)["code"] == "__snake___title_taken")
        #expect(fixture.work.store.events.count == 1)
    }

    @Test("a body without a good title is told", arguments: [[:], ["title": "  "], ["title": 1]] as [JSONValue])
    func invalid(_ body: JSONValue) async throws {
        #expect(await (try __Module__RoutesFixture()).post(body).status == 422)
    }

    @Test("what is not there is not found", arguments: ["nonsense", "01900000-0000-7000-8000-000000000099"])
    func unknown(_ id: String) async throws {
        #expect(await (try __Module__RoutesFixture()).get("/__path__/\(id)").status == 404)
    }

    @Test("who is not signed in or lacks the permission adds nothing")
    func guarded() async throws {
        let fixture = try __Module__RoutesFixture()
        #expect(await fixture.post(["title": "A title"], by: nil).status == 401)
        #expect(await fixture.post(["title": "A title"], by: "reader").status == 403)
        #expect(fixture.work.store.events.isEmpty && fixture.work.store.auditTrail.isEmpty)
    }
}
