import HTTP
import Idempotency
import Lifecycle
import Shared
import TestSupport
import Testing

extension IdempotencyBehaviour {
    static let refusals = [
        IdempotencyBehaviour("another request with the same key is refused and does not run") { store in
            let scene = try IdempotencyScene(store)
            _ = await scene.post("key", "{\"n\":1}", to: "/things/1/parts?a=1")
            let others = [
                await scene.post("key", "{\"n\":2}", to: "/things/1/parts?a=1"),
                await scene.post("key", "{\"n\": 1}", to: "/things/1/parts?a=1"),
                await scene.post("key", "{\"n\":1}", to: "/things/2/parts?a=1"),
                await scene.post("key", "{\"n\":1}", to: "/things/1/parts?a=2"),
                await scene.post("key", "{\"n\":1}", to: "/things/1/parts"),
            ]
            #expect(others.allSatisfy { $0.status == 422 && $0.code == "idempotency_key_reused" })
            #expect(await scene.post("key", "{\"n\":1}", to: "/things/1/parts?a=1").isReplayed)
            #expect(scene.runs.all.count == 1)
        },
        IdempotencyBehaviour("while a request runs, another with its key is told to wait") { store in
            let (running, mayEnd) = (Latch(), Latch())
            let scene = try IdempotencyScene(store) { _, id in
                running.open()
                await mayEnd.wait()
                return IdempotencyScene.made(id)
            }
            async let first = scene.post()
            await running.wait()
            let second = await scene.post()
            #expect(second.status == 409 && second.code == "idempotency_key_in_use")
            #expect(second["Retry-After"] == "1")
            #expect(await scene.post("key", "{\"n\":2}").code == "idempotency_key_reused")
            mayEnd.open()
            #expect(await first.status == 201)
            #expect(await scene.post().isReplayed)
            #expect(scene.runs.all.count == 1)
        },
        IdempotencyBehaviour("of two at once, fifty times, exactly one runs") { store in
            let scene = try IdempotencyScene(store) { _, id in
                await Task.yield()
                return IdempotencyScene.made(id)
            }
            for round in 1...50 {
                let answers = await withTaskGroup(of: Response.self) { group in
                    for _ in 0..<2 { group.addTask { await scene.post("key \(round)".filter { $0 != " " }) } }
                    var answers: [Response] = []
                    for await answer in group { answers.append(answer) }
                    return answers
                }
                #expect(scene.runs.all.count == round)
                #expect(answers.count { $0.status == 201 && !$0.isReplayed } == 1)
                #expect(answers.count { $0.isReplayed || $0.code == "idempotency_key_in_use" } == 1)
            }
        },
        IdempotencyBehaviour("who is not admitted, or sends a key that is none, writes nothing") { store in
            let scene = try IdempotencyScene(store)
            #expect(await scene.post(as: "stranger").status == 401)
            #expect(await scene.post("key", "not JSON").status == 400)
            let invalid = await scene.post("a key")
            #expect(invalid.status == 400 && invalid.code == "idempotency_key_invalid")
            #expect(scene.runs.all.isEmpty)
            #expect(try await scene.rowCount() == 0)
        },
        IdempotencyBehaviour("a refusal frees the key for a mended request") { store in
            for status in [400, 403, 404, 409, 422, 429] {
                let scene = try IdempotencyScene(store) { run, id in
                    guard run > 1 else { throw Problem(ProblemKind(status, "refused", "No")) }
                    return IdempotencyScene.made(id)
                }
                #expect(await scene.post("key-\(status)", "{\"n\":1}").status == status)
                let mended = await scene.post("key-\(status)", "{\"n\":2}")
                #expect(mended.status == 201 && !mended.isReplayed)
                #expect(await scene.post("key-\(status)", "{\"n\":2}").isReplayed)
                #expect(Set(scene.runs.all).count == 2)
            }
        },
    ]
}
