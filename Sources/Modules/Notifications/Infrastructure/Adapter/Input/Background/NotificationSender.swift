import Lifecycle
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Synchronization

/// Works the queue off: a few messages at once, each noted when it is done, so that a slow one holds no other up.
struct NotificationSender: Service {
    let name = "notification sender"
    let send: SendNotificationsService
    /// Signalled when a message may wait.
    let queued: Wakeup
    /// At once, 2 or more.
    let messagesMax: Int
    let logger: Logger

    /// Of them, such that were tried before: when a server holds those up, new ones still go.
    private var retriedMax: Int { messagesMax / 2 }
    /// How many new ones are read at once.
    private var readMax: Int { 4 * messagesMax }
    /// More are taken when so few are left, not for each one that ends.
    private var refillAt: Int { messagesMax - max(1, messagesMax / 4) }
    /// Retries become due without a signal.
    private static let interval: Duration = .seconds(1)

    func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        let inFlight = InFlight()
        var ahead = ReadAhead()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await lifecycle.shutdownRequested()
                queued.signal()
            }
            while !lifecycle.isShuttingDown, !Task.isCancelled {
                for notification in await take(&ahead, inFlight) {
                    group.addTask {
                        await settle(notification)
                        // Who ends wakes the loop only where it is waited for.
                        if let left = inFlight.remove(notification), left <= refillAt { queued.signal() }
                        if lifecycle.isShuttingDown { queued.signal() }
                    }
                }
                await queued.wait(about: Self.interval)
            }
            await waitForInFlight(inFlight, until: lifecycle.deadline)
            group.cancelAll()
        }
    }

    /// As many due messages as there is room for. They are in flight from here on.
    private func take(_ ahead: inout ReadAhead, _ inFlight: InFlight) async -> [Notification] {
        let known = inFlight.all
        let free = messagesMax - known.count
        guard free > 0 else { return inFlight.add([], leavesMore: true) }
        let retriedFree = retriedMax - known.values.count { $0 }
        if !ahead.has(free) {
            do {
                // Those in flight are among the due ones, so they are asked for too and left out. One that ends while
                // they are read may still be among them.
                let due = try await send.due(retriedMax: messagesMax, newMax: readMax)
                ahead = ReadAhead(due.filter { known[$0.id] == nil }, isAll: due.count < messagesMax)
            } catch {
                logger.warning("queued mails cannot be read", ["cause": .text("\(error)")])
            }
        }
        let taken = ahead.take(free, retriedMax: retriedFree)
        return inFlight.add(taken, leavesMore: !ahead.isDone)
    }

    /// Sends one and notes it. While it cannot be noted it stays in flight: sent again at once it would be many.
    private func settle(_ notification: Notification) async {
        guard let attempt = await send.attempt(notification) else { return }
        while true {
            do {
                return try await send.note(attempt)
            } catch {
                logger.warning(
                    "what became of a mail cannot be noted",
                    ["notification": LogValue(notification.id), "cause": .text("\(error)")])
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            }
        }
    }

    /// Half of the time that is left belongs to what is under way; then it is cancelled and stays queued.
    private func waitForInFlight(_ inFlight: InFlight, until deadline: ContinuousClock.Instant?) async {
        guard let deadline else { return }
        let start = ContinuousClock.now
        let cutOff = start + (deadline - start) / 2
        while !Task.isCancelled, !inFlight.all.isEmpty, .now < cutOff {
            await queued.wait(upTo: cutOff - .now)
        }
    }
}

/// Due messages that were read already: each is read once, though there is room for a few at a time only.
private struct ReadAhead {
    private var retried: ArraySlice<Notification> = []
    private var new: ArraySlice<Notification> = []
    /// Whether these were all that were due.
    private var isAll = true

    init() {}

    init(_ due: [Notification], isAll: Bool) {
        retried = due.filter { $0.attempts > 0 }[...]
        new = due.filter { $0.attempts == 0 }[...]
        self.isAll = isAll
    }

    /// Whether none is left, here or to be read.
    var isDone: Bool { isAll && retried.isEmpty && new.isEmpty }

    /// Whether so many new ones are there: only of these there may be room for all.
    func has(_ count: Int) -> Bool { new.count >= count }

    mutating func take(_ count: Int, retriedMax: Int) -> [Notification] {
        let first = retried.prefix(min(count, max(0, retriedMax)))
        retried = retried.dropFirst(first.count)
        let rest = new.prefix(count - first.count)
        new = new.dropFirst(rest.count)
        return Array(first + rest)
    }
}

/// The messages that are being sent.
private final class InFlight: Sendable {
    private struct State {
        /// Whether it was tried before, of each.
        var messages: [NotificationID: Bool] = [:]
        /// Whether others wait for room.
        var leavesMore = false
    }

    private let state = Mutex(State())

    var all: [NotificationID: Bool] { state.withLock { $0.messages } }

    /// - Returns: what was added.
    func add(_ notifications: [Notification], leavesMore: Bool) -> [Notification] {
        state.withLock { state in
            for notification in notifications { state.messages[notification.id] = notification.attempts > 0 }
            state.leavesMore = leavesMore
        }
        return notifications
    }

    /// - Returns: how many are left, if others wait for room.
    func remove(_ notification: Notification) -> Int? {
        state.withLock { state in
            state.messages[notification.id] = nil
            return state.leavesMore ? state.messages.count : nil
        }
    }
}
