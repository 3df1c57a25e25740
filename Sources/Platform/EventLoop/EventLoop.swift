import Glibc
import Shared
import Synchronization
import Threads

/// Waits for descriptors, timers and other threads, and calls who is concerned, all on one thread of its own.
///
/// What happens on the loop is never locked and, once its buffers have grown, needs no memory: connections, timers and
/// their handlers belong to the thread. Other threads reach it by `execute`, by a `Mailbox` and by the `Waker` only.
///
/// `@unchecked Sendable`: those three and `stop` are safe from any thread; the rest is used on the loop's thread only,
/// which debug builds check, or before `start`.
package final class EventLoop: @unchecked Sendable {
    private struct Slot {
        var handler: (any ReadyHandler)?
        /// Events that were found before the slot changed hands name another generation.
        var generation: UInt32
    }

    private static let wakerToken = UInt64.max

    package let waker: Waker
    /// The time of this round.
    package private(set) var now: Duration
    var timers = TimerQueue()
    var resolver = Resolver()
    /// Where all connections of the loop read to: nothing of it is kept from one call to the next.
    let incoming = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// The same for what TLS has decrypted.
    let decrypted = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)

    private let poller: Poller
    private let clock: any MonotonicClock
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var wakeHandlers: [any WakeHandler] = []
    private var afterRound: [any RoundHandler] = []
    private var work: Mailbox<@Sendable () -> Void>?
    private var workBatch: [@Sendable () -> Void] = []
    private let isStopping = Atomic(false)
    private let thread = Mutex<OwnThread?>(nil)
    private var runner: pthread_t?

    /// - Parameter clock: of the timers. It is read once a round; whoever moves it by hand wakes the loop.
    /// - Throws: `Unavailable` if the process has no more descriptors.
    package init(clock: any MonotonicClock = SystemMonotonicClock()) throws {
        self.clock = clock
        now = clock.elapsed
        waker = try Waker()
        poller = try Poller()
        try poller.add(waker.descriptor, .readable, token: Self.wakerToken)
        work = Mailbox(self)
    }

    deinit {
        incoming.deallocate()
        decrypted.deallocate()
    }

    // MARK: From any thread

    /// Starts its thread. Call it once.
    ///
    /// - Parameter name: for debuggers; at most 15 bytes.
    /// - Throws: `Unavailable` if the system gives no more threads.
    package func start(_ name: String) throws {
        let started = try OwnThread(name) { self.run() }
        thread.withLock { $0 = started }
    }

    /// Runs something on the loop, after what was given before.
    ///
    /// - Returns: false if the loop has ended, so that it will never run.
    @discardableResult
    package func execute(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let work, case .accepted = work.post(body) else { return false }
        return true
    }

    /// Ends the loop: every connection is closed and told so, then the thread ends.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        waker.wake()
    }

    /// Returns when the thread has ended. Call it at most once, after `start` and `stop`.
    package func join() async { await thread.withLock { $0 }?.join() }

    // MARK: On the loop

    /// Whether this is the loop's thread, or the loop does not run yet.
    package var isCurrent: Bool { runner.map { pthread_equal($0, pthread_self()) != 0 } ?? true }

    /// Calls the handler each time the loop was woken, for as long as the loop runs.
    package func addWakeHandler(_ handler: any WakeHandler) {
        assert(isCurrent)
        wakeHandlers.append(handler)
    }

    /// Watches a descriptor.
    ///
    /// - Returns: a name for `change` and `unregister`.
    /// - Throws: `Unavailable` if the kernel's limit of watched descriptors is reached.
    func register(_ descriptor: Int32, _ events: ReadyEvents, _ handler: any ReadyHandler) throws -> UInt64 {
        assert(isCurrent)
        let index = freeSlots.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot(handler: nil, generation: 0)) }
        let token = UInt64(slots[index].generation) << 32 | UInt64(index)
        do {
            try poller.add(descriptor, events, token: token)
        } catch {
            freeSlots.append(index)
            throw error
        }
        slots[index].handler = handler
        return token
    }

    func change(_ descriptor: Int32, _ events: ReadyEvents, token: UInt64) {
        poller.change(descriptor, events, token: token)
    }

    /// Watches it no more; events that were found already are dropped.
    func unregister(_ descriptor: Int32, token: UInt64) {
        poller.remove(descriptor)
        let index = Int(token & 0xFFFF_FFFF)
        slots[index].handler = nil
        slots[index].generation &+= 1
        freeSlots.append(index)
    }

    /// Calls the handler when this round is over and nobody is in the middle of something.
    func callAfterRound(_ handler: any RoundHandler) { afterRound.append(handler) }

    /// How many descriptors are watched, but for the loop's own.
    package var watchedCount: Int { slots.count - freeSlots.count }

    // MARK: The rounds

    private func run() {
        runner = pthread_self()
        while !isStopping.load(ordering: .acquiring) { round() }
        end()
    }

    private func round() {
        let found = poller.wait(milliseconds: waitMilliseconds)
        now = clock.elapsed
        var isWoken = false
        for position in 0..<found {
            let (token, events) = poller[position]
            if token == Self.wakerToken {
                isWoken = true
                continue
            }
            let slot = slots[Int(token & 0xFFFF_FFFF)]
            if UInt64(slot.generation) == token >> 32 { slot.handler?.ready(events) }
        }
        if isWoken { wakeUp() }
        runTimers()
        finishRound()
    }

    private var waitMilliseconds: Int32 {
        guard let next = timers.next else { return -1 }
        let left = next - now
        guard left > .zero else { return 0 }
        // Rounded up: a millisecond too early would be a round for nothing.
        return Int32(clamping: left.wholeMilliseconds + 1)
    }

    private func wakeUp() {
        waker.reset()
        work?.take(into: &workBatch)
        for body in workBatch { body() }
        workBatch.removeAll(keepingCapacity: true)
        for handler in wakeHandlers { handler.woken() }
    }

    private func finishRound() {
        var next = 0
        while next < afterRound.count {
            let handler = afterRound[next]
            next += 1
            handler.roundEnded()
        }
        afterRound.removeAll(keepingCapacity: true)
    }

    private func end() {
        // What was given to the loop before its end has its turn.
        let left = work?.close() ?? []
        for body in left { body() }
        for handler in wakeHandlers { handler.loopEnded() }
        for completion in resolver.takeAll() { completion(.stopped) }
        finishRound()
        var index = 0
        while index < slots.count {
            slots[index].handler?.loopEnded()
            index += 1
        }
        finishRound()
        wakeHandlers = []
    }
}

/// Told on the loop that a descriptor is ready.
protocol ReadyHandler: AnyObject {
    func ready(_ events: ReadyEvents)
    /// The last call: the loop ends.
    func loopEnded()
}

/// Told on the loop that it was woken.
package protocol WakeHandler: AnyObject {
    func woken()
    /// The last call: the loop ends. Connections are still there and are closed next.
    func loopEnded()
}

/// Called on the loop when a round is over.
protocol RoundHandler: AnyObject {
    func roundEnded()
}
