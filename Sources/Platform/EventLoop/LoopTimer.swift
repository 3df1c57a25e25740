/// Calls something at a time, on its loop. Made once and scheduled often: scheduling costs no memory, and moving it to
/// a later time costs nothing at all.
package final class LoopTimer {
    private let loop: EventLoop
    private let action: () -> Void
    /// When it is due, by the loop's clock; nil while it is not scheduled.
    package fileprivate(set) var deadline: Duration?
    /// Its place in the queue; -1 outside of it.
    fileprivate var position = -1

    /// - Parameter action: called on the loop. Whoever owns the timer is captured weakly, or not owned by it.
    package init(_ loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    package var isScheduled: Bool { deadline != nil }

    /// Fires once, `delay` from now, instead of when it was scheduled before.
    package func schedule(after delay: Duration) { loop.timers.schedule(self, at: loop.now + delay) }

    package func cancel() { loop.timers.cancel(self) }

    fileprivate func fire() { action() }
}

/// Timers by their time: a heap whose entries know their place. A timer that is moved to a later time stays where it
/// is and is moved when its old time comes, for that is what deadlines do with each sign of life.
struct TimerQueue {
    private var entries: [(key: Duration, timer: LoopTimer)] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// When to look again; not later than the first timer is due.
    var next: Duration? { entries.first?.key }

    mutating func schedule(_ timer: LoopTimer, at deadline: Duration) {
        timer.deadline = deadline
        if timer.position < 0 {
            timer.position = entries.count
            entries.append((deadline, timer))
            rise(timer.position)
        } else if entries[timer.position].key > deadline {
            entries[timer.position].key = deadline
            rise(timer.position)
        }
    }

    mutating func cancel(_ timer: LoopTimer) {
        timer.deadline = nil
        if timer.position >= 0 { remove(at: timer.position) }
    }

    /// A timer that is due, taken out; nil if there is none.
    mutating func popDue(at now: Duration) -> LoopTimer? {
        while let first = entries.first, first.key <= now {
            if let deadline = first.timer.deadline, deadline > first.key {
                entries[0].key = deadline
                sink(0)
                continue
            }
            remove(at: 0)
            first.timer.deadline = nil
            return first.timer
        }
        return nil
    }

    private mutating func remove(at position: Int) {
        let last = entries.count - 1
        entries[position].timer.position = -1
        if position == last {
            entries.removeLast()
            return
        }
        entries[position] = entries.removeLast()
        entries[position].timer.position = position
        sink(position)
        rise(position)
    }

    private mutating func rise(_ start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[parent].key > entries[position].key else { return }
            exchange(parent, position)
            position = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var position = start
        while true {
            var least = position
            let left = 2 * position + 1
            if left < entries.count, entries[least].key > entries[left].key { least = left }
            if left + 1 < entries.count, entries[least].key > entries[left + 1].key { least = left + 1 }
            if least == position { return }
            exchange(least, position)
            position = least
        }
    }

    private mutating func exchange(_ first: Int, _ second: Int) {
        entries.swapAt(first, second)
        entries[first].timer.position = first
        entries[second].timer.position = second
    }
}

extension EventLoop {
    /// Calls what is due, each timer once: one that schedules itself for now has its turn in the next round.
    func runTimers() {
        let now = now
        var left = timers.count
        while left > 0, let timer = timers.popDue(at: now) {
            timer.fire()
            left -= 1
        }
    }
}
