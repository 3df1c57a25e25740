import Lifecycle
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Synchronization

/// Works the queue off: a few messages at once, each noted when it is done, so that a slow one holds no other up.
struct NotificationSender: Service {
    let name = "notification sender"
    let send: any SendNotifications
    /// Signalled when a message may wait.
    let queued: Wakeup
    /// At once, 2 or more.
    let messagesMax: Int
    let logger: Logger

    /// Of them, such that were tried before: when a server holds those up, new ones still go.
    private var retriedMax: Int { messagesMax / 2 }
    /// Retries become due without a signal.
    private static let interval: Duration = .seconds(1)

    func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        let inFlight = InFlight()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await lifecycle.shutdownRequested()
                queued.signal()
            }
            while !lifecycle.isShuttingDown, !Task.isCancelled {
                for notification in await take(inFlight) {
                    group.addTask {
                        await settle(notification)
                        inFlight.remove(notification)
                        queued.signal()
                    }
                }
                await queued.wait(upTo: Self.interval)
            }
            await waitForInFlight(inFlight, until: lifecycle.deadline)
            group.cancelAll()
        }
    }

    /// As many due messages as there is room for. They are in flight from here on.
    private func take(_ inFlight: InFlight) async -> [Notification] {
        var taken: [Notification] = []
        do {
            for retried in [true, false] {
                let known = inFlight.all
                let free = messagesMax - known.count
                let room = retried ? min(free, retriedMax - known.values.count { $0 }) : free
                guard room > 0 else { continue }
                let due = try await send.due(retried: retried, limit: room + known.count)
                // One that ended while they were read may still be among them.
                let new = due.filter { known[$0.id] == nil }.prefix(room)
                inFlight.add(new, retried: retried)
                taken += new
            }
        } catch {
            logger.warning("queued mails cannot be read", ["cause": .text("\(error)")])
        }
        return taken
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

/// The messages that are being sent.
private final class InFlight: Sendable {
    /// Whether it was tried before, of each.
    private let messages = Mutex<[NotificationID: Bool]>([:])

    var all: [NotificationID: Bool] { messages.withLock { $0 } }

    func add(_ notifications: some Sequence<Notification>, retried: Bool) {
        messages.withLock { messages in
            for notification in notifications { messages[notification.id] = retried }
        }
    }

    func remove(_ notification: Notification) {
        messages.withLock { $0[notification.id] = nil }
    }
}
