import HTTP
import Idempotency
import Lifecycle
import Shared
import TestSupport
import Testing

extension IdempotencyBehaviour {
    static let replays = [
        IdempotencyBehaviour("without a key every request runs, and nothing is written") { store in
            let scene = try IdempotencyScene(store)
            let answers = [await scene.post(nil), await scene.post(nil)]
            #expect(answers.allSatisfy { $0.status == 201 && !$0.isReplayed })
            #expect(Set(scene.runs.all).count == 2)
            #expect(try await scene.rowCount() == 0)
        },
        IdempotencyBehaviour("with a key a request runs once, and its answer is given again and marked") { store in
            let scene = try IdempotencyScene(store)
            let first = await scene.post()
            #expect(first.status == 201 && !first.isReplayed)
            #expect(first["Set-Cookie"] == "a=b")
            for key in ["key", "\"key\""] {
                let again = await scene.post(key)
                #expect(again.status == 201 && again.isReplayed)
                #expect(again.body == first.body)
                #expect(again["Location"] == first["Location"])
                #expect(again["Content-Type"] == "application/json")
                #expect(again["Set-Cookie"] == nil)
            }
            #expect(scene.runs.all.count == 1)
        },
        IdempotencyBehaviour("keys of other callers and on other routes are other keys") { store in
            let scene = try IdempotencyScene(store)
            let answers = [
                await scene.post(), await scene.post(as: "ben"), await scene.post(to: "/parts"),
                await scene.post(to: "/things/1/parts"), await scene.post(as: nil),
                await scene.post(as: nil, from: NetworkAddress(ipv4: 7)), await scene.post("Key"),
            ]
            #expect(answers.allSatisfy { $0.status == 201 && !$0.isReplayed })
            #expect(Set(scene.runs.all).count == 7)
        },
        IdempotencyBehaviour("somebody unknown is known again within his network") { store in
            let scene = try IdempotencyScene(store)
            func post(from address: String) async throws -> Response {
                await scene.post(as: nil, from: try #require(NetworkAddress(text: address)))
            }
            #expect(try await !post(from: "2001:db8::1").isReplayed)
            #expect(try await post(from: "2001:db8::2:3").isReplayed)
            #expect(try await !post(from: "2001:db8:0:1::1").isReplayed)
        },
        IdempotencyBehaviour("the answer is stored although the client has gone, who will come back for it") {
            store in
            let (running, mayEnd) = (Latch(), Latch())
            let scene = try IdempotencyScene(store) { _, id in
                running.open()
                await mayEnd.wait()
                return IdempotencyScene.made(id)
            }
            let request = Task { await scene.post() }
            await running.wait()
            request.cancel()
            mayEnd.open()
            let first = await request.value
            let again = await scene.post()
            #expect(again.isReplayed && again.body == first.body)
        },
        IdempotencyBehaviour("a declined payment has happened, so it is given again") { store in
            let declined = ProblemKind(402, "declined", "The card was declined")
            let scene = try IdempotencyScene(store) { _, _ in throw Problem(declined) }
            #expect(await scene.post().status == 402)
            let again = await scene.post()
            #expect(again.status == 402 && again.isReplayed && again.code == "declined")
            #expect(scene.runs.all.count == 1)
        },
        IdempotencyBehaviour("an answer that is too large is given again without its body") { store in
            let scene = try IdempotencyScene(store) { _, id in
                var response = IdempotencyScene.made(id)
                response.body = [UInt8](repeating: 0x20, count: 70_000)
                return response
            }
            let first = await scene.post()
            #expect(first.body.count == 70_000)
            let again = await scene.post()
            #expect(again.status == 201 && again.isReplayed && again.body.isEmpty)
            #expect(again["Location"] == first["Location"] && again["Content-Type"] == nil)
            #expect(scene.log.messages == ["an answer is too large to be given again"])
        },
    ]
}
