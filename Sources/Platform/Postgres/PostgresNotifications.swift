import Lifecycle
import SQL
import Shared
import Synchronization
import Threads

/// Wakes processes on the same database: LISTEN and NOTIFY on a connection and a thread of its own.
///
/// Business transactions never NOTIFY, which takes a lock of the whole database at COMMIT; whoever committed something
/// calls `notify` afterwards. A notification can be lost with a connection, so a handler is also called after every
/// connecting, and whoever relies on it looks by itself from time to time.
///
/// Behind a pooler, which has no sessions, it does nothing and says so in the log.
package final class PostgresNotifications: Service {
    /// What is called when somebody notified a channel, this process too. On the thread of notifications: briefly.
    package typealias Handler = @Sendable () -> Void

    /// At most one NOTIFY per channel goes out in this time.
    package static let interval = Duration.milliseconds(20)

    package let name = "database_notifications"
    private let url: PostgresURL
    private let handlers: [(channel: String, handler: Handler)]
    private let settings: PostgresSettings
    private let logger: Logger
    private let alarm: Alarm
    private let state = Mutex(State())

    private struct State {
        var pending: Set<String> = []
        var isListening = false
        var isStopping = false
        /// There is a pooler, or the end has come: nothing is sent any more.
        var isDeaf = false
    }

    /// - Parameters:
    ///   - handlers: in the order of their calls; a channel may have several.
    ///   - logger: told when the connection is lost and found.
    /// - Throws: `Unavailable` if the process has no more descriptors.
    package init(
        url: PostgresURL, _ handlers: [(channel: String, handler: Handler)], logger: Logger = .silent,
        settings: PostgresSettings = PostgresSettings()
    ) throws {
        self.url = url
        self.handlers = handlers
        self.logger = logger
        self.settings = settings
        alarm = try Alarm()
    }

    /// Whether notifications arrive now.
    package var isListening: Bool { state.withLock { $0.isListening } }

    /// Tells every process that listens on the channel; soon, and once for many calls.
    package func notify(_ channel: String) {
        let isFirst = state.withLock { state in
            guard !state.isDeaf else { return false }
            defer { state.pending.insert(channel) }
            return state.pending.isEmpty
        }
        if isFirst { alarm.ring() }
    }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        let thread = try OwnThread("postgres-listen") { self.work() }
        lifecycle.started()
        await lifecycle.shutdownRequested()
        state.withLock { $0.isStopping = true }
        alarm.ring()
        await thread.join()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    // MARK: On the thread

    private func work() {
        defer { becomeDeaf() }
        var backoff = Backoff()
        var isLost = false
        while !isStopping {
            do {
                let connection = try PostgresConnection.open(url, settings)
                if connection.isPooled {
                    logger.info("a pooler has no notifications: other processes are looked for by asking only")
                    becomeDeaf()
                    while !isStopping { alarm.wait(upTo: nil) }
                    return
                }
                try listen(connection)
                if isLost { logger.info("notifications of the database arrive again") }
                (isLost, backoff) = (false, Backoff())
                try serve(connection)
            } catch {
                let reason = (error as? ConnectionLoss)?.reason ?? "\(error)"
                if !isLost { logger.warning("notifications of the database were lost", ["reason": .text(reason)]) }
                isLost = true
            }
            state.withLock { $0.isListening = false }
            if !isStopping { alarm.wait(upTo: backoff.next(), unless: { self.isStopping }) }
        }
    }

    private func becomeDeaf() {
        state.withLock { state in
            state.isDeaf = true
            state.isListening = false
            state.pending = []
        }
    }

    private func listen(_ connection: PostgresConnection) throws {
        for channel in Set(handlers.map(\.channel)) {
            let name = channel.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            try connection.sendControl("LISTEN \"\(name)\"")
        }
        try connection.sync()
        try connection.drain()
        state.withLock { $0.isListening = true }
        // Something may have been missed.
        for (_, handler) in handlers { handler() }
    }

    private func serve(_ connection: PostgresConnection) throws {
        var nextSending = ContinuousClock.now
        while true {
            let (isEnd, hasPending) = state.withLock { ($0.isStopping, !$0.pending.isEmpty) }
            if hasPending, isEnd || nextSending <= .now {
                nextSending = .now + Self.interval
                try sendPending(connection)
            }
            let channels = try connection.notifiedChannels()
            for (channel, handler) in handlers where channels.contains(channel) { handler() }
            if isEnd { return }
            let waits = state.withLock { !$0.pending.isEmpty }
            alarm.wait(upTo: waits ? nextSending - .now : nil, orInput: connection.socket)
        }
    }

    private func sendPending(_ connection: PostgresConnection) throws {
        let channels = state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
        do {
            for channel in channels {
                let (sql, values) = ("SELECT pg_notify(\(channel), '')" as Statement).rendered(for: .postgres)
                try connection.send(sql, try ParameterBuffer(values))
            }
            try connection.sync()
            try connection.drain()
        } catch let loss as ConnectionLoss {
            state.withLock { $0.pending.formUnion(channels) }
            throw loss
        }
    }
}
