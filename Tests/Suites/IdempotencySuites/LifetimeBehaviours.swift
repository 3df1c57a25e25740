import HTTP
import Idempotency
import JSON
import Shared
import TestSupport
import Testing

extension IdempotencyBehaviour {
    static let secrets = [
        IdempotencyBehaviour("a secret is shown once: it is missing when the answer is given again") { store in
            let scene = try IdempotencyScene(store, secrets: ["secret"]) { _, id in
                var response = IdempotencyScene.made(id)
                response.body = Array("{\"id\":\"\(id)\",\"secret\":\"gk_live_1\",\"keys\":[{\"secret\":\"x\"}]}".utf8)
                return response
            }
            let first = try JSONValue(parsing: await scene.post().body)
            #expect(first["secret"]?.text == "gk_live_1")
            let again = try JSONValue(parsing: await scene.post().body)
            #expect(again == ["id": try #require(first["id"]), "keys": [[:]]])
        },
        IdempotencyBehaviour("an answer is given again by another process, under a master key that came since") {
            store in
            let first = await (try IdempotencyScene(store)).post()
            let later = try IdempotencyScene(store, masterKeys: [2, 1])
            let again = await later.post()
            #expect(again.isReplayed && again.body == first.body)
            #expect(await later.post("key", "{\"n\":2}").code == "idempotency_key_reused")
            #expect(later.runs.all.isEmpty)
        },
    ]

    static let lifetimes = [
        IdempotencyBehaviour("an answer is given again for 72 hours; then the key is new") { store in
            let scene = try IdempotencyScene(store)
            let first = await scene.post()
            scene.clock.advance(by: IdempotencyKeys.lifetime - .milliseconds(1))
            #expect(await scene.post().isReplayed)
            #expect(await scene.post("key", "{\"n\":2}").code == "idempotency_key_reused")
            scene.clock.advance(by: .milliseconds(1))
            let next = await scene.post("key", "{\"n\":2}")
            #expect(next.status == 201 && !next.isReplayed && next.body != first.body)
            #expect(await scene.post("key", "{\"n\":2}").isReplayed)
            #expect(try await scene.rowCount() == 1)
        },
        IdempotencyBehaviour("what is not given again any more is deleted, in batches, and nothing else") { store in
            let scene = try IdempotencyScene(store)
            for number in 1...501 { _ = await scene.post("key-\(number)") }
            scene.clock.advance(by: IdempotencyKeys.lifetime - .milliseconds(1))
            _ = await scene.post("young")
            #expect(try await scene.removeExpired() == 0)
            scene.clock.advance(by: .milliseconds(1))
            #expect(try await scene.removeExpired() == 500)
            #expect(try await scene.removeExpired() == 1)
            #expect(try await scene.removeExpired() == 0)
            #expect(await scene.post("young").isReplayed)
            #expect(try await scene.rowCount() == 1)
        },
    ]
}
