import Crypto
import Glibc
import Lifecycle
import Shared
import Testing

@Suite("Threads for blocking work", .timeLimit(.minutes(5)))
struct WorkerThreadsTests {
    @Test("work returns its value and throws its error")
    func results() async throws {
        let workers = try WorkerThreads(resource: "test", count: 2, waitingMax: 10)
        #expect(try await workers.run { 1 + 1 } == 2)
        await #expect(throws: InternalFailure.self) { try await workers.run { throw InternalFailure("no") } }
    }

    @Test("without a queue, one thread still does one piece of work after the other")
    func noQueue() async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 0)
        for number in 0..<100 { #expect(try await workers.run { number } == number) }
    }

    @Test("what waits is done in its order, on as many threads as there are")
    func order() async throws {
        let workers = try WorkerThreads(resource: "test", count: 2, waitingMax: 10)
        let blockades = [Blockade(), Blockade()]
        let holders = blockades.map { blockade in Task.immediate { try await workers.run { blockade.hold() } } }
        for blockade in blockades { await blockade.began.wait() }
        let done = Recorder<Int>()
        let waiting = (0..<5).map { number in
            Task.immediate { try await workers.run { done.add(number) } }
        }
        #expect(done.all == [])
        blockades[0].release()
        for task in waiting { try await task.value }
        #expect(done.all == [0, 1, 2, 3, 4])
        blockades[1].release()
        for holder in holders { try await holder.value }
    }

    @Test("a full queue refuses at once with Unavailable, and takes work again when there is room")
    func full() async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 1)
        let blockade = Blockade()
        let holder = Task.immediate { try await workers.run { blockade.hold() } }
        await blockade.began.wait()
        let waiting = Task.immediate { try await workers.run { 1 } }
        let refusal = await #expect(throws: Unavailable.self) { try await workers.run { 2 } }
        #expect(refusal?.resource == "test")
        blockade.release()
        try await holder.value
        #expect(try await waiting.value == 1)
        #expect(try await workers.run { 3 } == 3)
    }

    @Test("cancelled work that waits is never done and leaves its place")
    func cancelled() async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 1)
        let blockade = Blockade()
        let holder = Task.immediate { try await workers.run { blockade.hold() } }
        await blockade.began.wait()
        let done = Recorder<Bool>()
        let waiting = Task.immediate { try await workers.run { done.add(true) } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let next = Task.immediate { try await workers.run { 1 } }
        blockade.release()
        #expect(try await next.value == 1)
        try await holder.value
        #expect(done.all.isEmpty)
    }

    @Test("a task that is already cancelled gets nothing done")
    func alreadyCancelled() async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 1)
        let done = Recorder<Bool>()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await workers.run { done.add(true) }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await workers.run { true })
        #expect(done.all.isEmpty)
    }

    @Test("work that has begun is finished although its task is cancelled")
    func cancelledTooLate() async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 1)
        let blockade = Blockade()
        let running = Task.immediate {
            try await workers.run {
                blockade.hold()
                return 1
            }
        }
        await blockade.began.wait()
        running.cancel()
        blockade.release()
        #expect(try await running.value == 1)
    }

    @Test("after close what waits and what comes is refused, what runs is finished, and the threads end")
    func close() async throws {
        let workers = try WorkerThreads(resource: "test", count: 2, waitingMax: 5)
        let blockades = [Blockade(), Blockade()]
        let holders = blockades.map { blockade in Task.immediate { try await workers.run { blockade.hold() } } }
        for blockade in blockades { await blockade.began.wait() }
        let waiting = (0..<5).map { _ in Task.immediate { try await workers.run {} } }
        workers.close()
        for task in waiting { await #expect(throws: Unavailable.self) { try await task.value } }
        await #expect(throws: Unavailable.self) { try await workers.run {} }
        for blockade in blockades { blockade.release() }
        for holder in holders { try await holder.value }
        await workers.waitUntilEnded()
    }

    @Test("letting go of the owner ends the threads")
    func letGo() async throws {
        let ended = Latch()
        try await useOnce(ended)
        await ended.wait()
    }

    /// Has a thread open `ended` when it exits.
    private func useOnce(_ ended: Latch) async throws {
        let workers = try WorkerThreads(resource: "test", count: 1, waitingMax: 1)
        try await workers.run {
            var key = pthread_key_t()
            pthread_key_create(&key) { value in
                guard let value else { return }
                Unmanaged<Latch>.fromOpaque(value).takeRetainedValue().open()
            }
            pthread_setspecific(key, Unmanaged.passRetained(ended).toOpaque())
        }
    }
}
