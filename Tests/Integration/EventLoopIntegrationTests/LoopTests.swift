import EventLoop
import Shared
import TestSupport
import Testing
import Threads

@Suite("The event loop", .timeLimit(.minutes(5)))
struct LoopTests {
    @Test("calls timers in the order of their times, each once, and follows a clock that is moved")
    func timers() async throws {
        let clock = ManualClock()
        let fired = Watched<[String]>([])
        try await withLoop(clock: clock) { loop in
            try await loop.run { loop in
                for (name, delay) in [("late", 3_000), ("early", 1_000), ("moved", 500), ("cancelled", 700)] {
                    let timer = LoopTimer(loop) { fired.update { $0.append(name) } }
                    timer.schedule(after: .milliseconds(delay))
                    if name == "moved" { timer.schedule(after: .milliseconds(2_000)) }
                    if name == "cancelled" { timer.cancel() }
                }
            }
            #expect(fired.value == [])
            for (advance, names) in [(999, []), (1, ["early"]), (1_500, ["early", "moved"])] {
                clock.advance(by: .milliseconds(advance))
                try await loop.run { _ in }
                try await loop.run { _ in }
                #expect(fired.value == names)
            }
            clock.advance(by: .seconds(60))
            try await loop.run { _ in }
            #expect(await fired.wait { $0.count == 3 } == ["early", "moved", "late"])
        }
    }

    @Test("wakes for a timer by itself, and a timer may schedule itself again")
    func repeating() async throws {
        let count = Watched(0)
        try await withLoop { loop in
            try await loop.run { loop in
                let box = TimerBox()
                box.timer = LoopTimer(loop) {
                    count.update { $0 += 1 }
                    if count.value < 5 { box.timer?.schedule(after: .milliseconds(2)) } else { box.timer = nil }
                }
                box.timer?.schedule(after: .zero)
            }
            await count.wait { $0 == 5 }
        }
    }

    @Test("runs what other threads give it, all of it, in the order of each thread")
    func wakeUps() async throws {
        let seen = Watched<[[Int]]>(Array(repeating: [], count: 8))
        try await withLoop { loop in
            for thread in 0..<8 {
                try OwnThread("test-poster") {
                    for number in 0..<2_000 {
                        loop.loop.execute { seen.update { $0[thread].append(number) } }
                    }
                }
            }
            let all = await seen.wait { $0.allSatisfy { $0.count == 2_000 } }
            #expect(all.allSatisfy { $0 == Array(0..<2_000) })
        }
    }

    @Test("runs what it was given before its end, and tells its wake handlers that it ends")
    func end() async throws {
        let loop = try EventLoop()
        let ran = Watched(0)
        let handler = Watched<[String]>([])
        loop.addWakeHandler(Listening(handler))
        for _ in 0..<10 { loop.execute { ran.update { $0 += 1 } } }
        loop.stop()
        try loop.start("test-loop")
        await loop.join()
        #expect(ran.value == 10)
        #expect(handler.value.last == "ended")
        #expect(handler.value.count(where: { $0 == "ended" }) == 1)
    }

    @Test("hands the messages of a mailbox over in order and in batches, and refuses more than may wait")
    func mailbox() async throws {
        let loop = try EventLoop()
        let mailbox = Mailbox<Int>(loop, limit: 3)
        #expect((0..<3).allSatisfy { mailbox.post($0) == .accepted })
        #expect(mailbox.post(3) == .full)
        var batch: [Int] = []
        mailbox.take(into: &batch)
        #expect(batch == [0, 1, 2])
        #expect(mailbox.post(4) == .accepted)
        #expect(mailbox.close() == [4])
        #expect(mailbox.post(5) == .closed)
    }
}

private final class TimerBox {
    var timer: LoopTimer?
}

private final class Listening: WakeHandler {
    let seen: Watched<[String]>

    init(_ seen: Watched<[String]>) {
        self.seen = seen
    }

    func woken() { seen.update { $0.append("woken") } }
    func loopEnded() { seen.update { $0.append("ended") } }
}
