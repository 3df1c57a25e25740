import Lifecycle
import TestSupport
import Testing

@Suite("A latch")
struct LatchTests {
    @Test("holds whoever waits until it opens, and nobody afterwards")
    func opens() async {
        let latch = Latch()
        let passed = Recorder<Int>()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    await latch.wait()
                    passed.add(number)
                }
            }
            #expect(!latch.isOpen)
            #expect(passed.all.isEmpty)
            latch.open()
        }
        #expect(passed.all.count == 10)
        await latch.wait()
        latch.open()
        #expect(latch.isOpen)
    }

    @Test("lets a waiting task go when it is cancelled, and stays closed")
    func cancelled() async {
        let latch = Latch()
        let began = Latch()
        let task = Task {
            began.open()
            await latch.wait()
        }
        await began.wait()
        task.cancel()
        await task.value
        #expect(!latch.isOpen)
    }

    @Test("does not hold a task that was cancelled before")
    func cancelledBefore() async {
        let latch = Latch()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await latch.wait()
        }
        await task.value
        #expect(!latch.isOpen)
    }

    @Test("loses nobody when it opens while many begin to wait and some are cancelled")
    func race() async {
        for _ in 0..<200 {
            let latch = Latch()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { await latch.wait() } }
                let task = Task { await latch.wait() }
                group.addTask { latch.open() }
                task.cancel()
                await task.value
            }
        }
    }
}

@Suite("A wake-up")
struct WakeupTests {
    @Test("signals that came before are one: the first wait returns, the second waits for the next signal")
    func coalesces() async {
        let wakeup = Wakeup()
        for _ in 0..<5 { wakeup.signal() }
        await wakeup.wait(upTo: .seconds(3_600))
        let second = Task { await wakeup.wait(upTo: .seconds(3_600)) }
        wakeup.signal()
        await second.value
    }

    @Test("a signal wakes the one who waits")
    func wakes() async {
        let wakeup = Wakeup()
        for _ in 0..<200 {
            async let waiting: Void = wakeup.wait(upTo: .seconds(3_600))
            wakeup.signal()
            await waiting
        }
    }

    @Test("a wait ends after its time-out")
    func timeout() async {
        await Wakeup().wait(upTo: .milliseconds(1))
    }

    @Test("those who look from time to time wait at most so long, and at most a quarter of a second less")
    func about() async {
        await withTaskGroup(of: Void.self) { group in
            for milliseconds in [250, 600, 1_000, 1_000] {
                group.addTask {
                    let start = ContinuousClock.now
                    await Wakeup().wait(about: .milliseconds(milliseconds))
                    #expect(ContinuousClock.now - start >= .milliseconds(milliseconds - 250))
                }
            }
        }
    }

    @Test("also they are woken by a signal, wait again after it, and look sooner if they say so")
    func again() async {
        let wakeup = Wakeup()
        for timeout in [3_600, 1, 3_600, 1] {
            let waiting = Task { await wakeup.wait(about: .seconds(timeout)) }
            if timeout > 1 { wakeup.signal() }
            await waiting.value
        }
        // Until the later of two beats, though it is looked at before.
        let start = ContinuousClock.now
        let first = Task { await wakeup.wait(about: .milliseconds(300)) }
        wakeup.signal()
        await first.value
        await wakeup.wait(about: .milliseconds(900))
        #expect(ContinuousClock.now - start >= .milliseconds(650))
        let cancelled = Task { await wakeup.wait(about: .seconds(3_600)) }
        cancelled.cancel()
        await cancelled.value
    }

    @Test("a wait ends when its task is cancelled")
    func cancelled() async {
        let task = Task { await Wakeup().wait(upTo: .seconds(3_600)) }
        task.cancel()
        await task.value
    }
}
