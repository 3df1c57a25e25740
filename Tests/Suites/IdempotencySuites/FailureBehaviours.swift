import HTTP
import Idempotency
import Lifecycle
import Shared
import TestSupport
import Testing

private struct Defect: Error {}

extension IdempotencyBehaviour {
    static let failures = [
        IdempotencyBehaviour("after a failure the same request may run again at once, with the same identifier") {
            store in
            let failures: [any Error] = [
                Defect(), Problem(.internalError), Unavailable("database", reason: "test"), CancellationError(),
            ]
            for (number, failure) in failures.enumerated() {
                let scene = try IdempotencyScene(store) { run, id in
                    guard run > 1 else { throw failure }
                    return IdempotencyScene.made(id)
                }
                #expect(await scene.post("key-\(number)").status >= 500)
                #expect(await scene.post("key-\(number)", "{\"n\":2}").code == "idempotency_key_reused")
                let again = await scene.post("key-\(number)")
                #expect(again.status == 201 && !again.isReplayed)
                #expect(scene.runs.all.count == 2 && Set(scene.runs.all).count == 1)
            }
        },
        IdempotencyBehaviour("a failure that is returned counts like one that is thrown") { store in
            let scene = try IdempotencyScene(store) { run, id in
                run == 1 ? Response(status: 503) : IdempotencyScene.made(id)
            }
            #expect(await scene.post().status == 503)
            #expect(await scene.post().status == 201)
            #expect(Set(scene.runs.all).count == 1)
        },
        IdempotencyBehaviour("a refusal after a failure keeps the identifier: the failed run may have made the thing") {
            store in
            let scene = try IdempotencyScene(store) { run, id in
                switch run {
                case 1: throw Defect()
                case 2: throw Problem(ProblemKind(429, "too_many", "Too many"))
                default: return IdempotencyScene.made(id)
                }
            }
            #expect(await scene.post().status == 500)
            #expect(await scene.post().status == 429)
            #expect(await scene.post("key", "{\"n\":2}").code == "idempotency_key_reused")
            #expect(await scene.post().status == 201)
            #expect(scene.runs.all.count == 3 && Set(scene.runs.all).count == 1)
        },
        IdempotencyBehaviour("a run that never ends is taken over after its lease, with the same identifier") {
            store in
            try await takenOver(store) { id in
                IdempotencyScene.made(id)
            } then: { scene, late in
                #expect(late.status == 201)
                #expect(await scene.post().isReplayed)
                #expect(scene.runs.all.count == 2 && Set(scene.runs.all).count == 1)
            }
        },
        IdempotencyBehaviour("a run that was taken over and then fails does not free the key of its successor") {
            store in
            try await takenOver(store) { _ in
                throw Defect()
            } then: { scene, late in
                #expect(late.status == 500)
                #expect(await scene.post().code == "idempotency_key_in_use")
            }
        },
        IdempotencyBehaviour("a run that was taken over and is then refused does not free the key either") { store in
            try await takenOver(store) { _ in
                throw Problem(.notFound)
            } then: { scene, late in
                #expect(late.status == 404)
                #expect(await scene.post().code == "idempotency_key_in_use")
            }
        },
    ]

    /// Lets a first run hang beyond its lease, and a second one too; then ends the first one.
    private static func takenOver(
        _ store: any IdempotencyStore, _ end: @escaping @Sendable (Identifier) throws -> Response,
        then check: @Sendable (IdempotencyScene, _ late: Response) async throws -> Void
    ) async throws {
        let (running, mayEnd) = ([Latch(), Latch()], [Latch(), Latch()])
        let scene = try IdempotencyScene(store) { run, id in
            running[run - 1].open()
            await mayEnd[run - 1].wait()
            return run == 1 ? try end(id) : IdempotencyScene.made(id)
        }
        let late = Task { await scene.post() }
        await running[0].wait()
        scene.clock.advance(by: IdempotencyKeys.lease - .milliseconds(1))
        #expect(await scene.post().code == "idempotency_key_in_use")
        scene.clock.advance(by: .milliseconds(1))
        let successor = Task { await scene.post() }
        await running[1].wait()
        #expect(scene.runs.all.count == 2 && Set(scene.runs.all).count == 1)
        mayEnd[0].open()
        try await check(scene, await late.value)
        mayEnd[1].open()
        let answer = await successor.value
        #expect(answer.status == 201)
        let again = await scene.post()
        #expect(again.isReplayed && again.body == answer.body)
    }
}
