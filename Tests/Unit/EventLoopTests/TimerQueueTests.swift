import Shared
import TestSupport
import Testing

@testable import EventLoop

@Suite("The timers of a loop")
struct TimerQueueTests {
    @Test("fire by their times, whatever was scheduled, moved and cancelled before", arguments: [1, 2, 3] as [UInt64])
    func model(seed: UInt64) throws {
        let loop = try EventLoop(clock: ManualClock())
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue()
        let timers = (0..<200).map { _ in LoopTimer(loop) {} }
        var expected: [Int: Int] = [:]
        for _ in 0..<5_000 {
            let number = Int.random(in: 0..<timers.count, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                queue.cancel(timers[number])
                expected[number] = nil
            } else {
                let time = Int.random(in: 0..<1_000, using: &random)
                queue.schedule(timers[number], at: .milliseconds(time))
                expected[number] = time
            }
        }
        for now in stride(from: 0, through: 1_000, by: 50) {
            var fired: Set<Int> = []
            while let timer = queue.popDue(at: .milliseconds(now)) {
                #expect(!timer.isScheduled)
                fired.insert(timers.firstIndex { $0 === timer } ?? -1)
            }
            #expect(fired == Set(expected.filter { $0.value <= now }.keys))
            expected = expected.filter { $0.value > now }
            if let next = queue.next { #expect(next > .milliseconds(now)) }
        }
        #expect(queue.isEmpty)
    }
}
