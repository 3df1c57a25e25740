import SQL
import Shared
import Threads

/// The open connections of a database: the last one used is the first to be used again, so that an idle process
/// keeps few.
///
/// When none can be opened the pool is down: whoever wants one is refused at once, and one thread tries until the
/// server is back.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        /// Idle, in use, or being opened.
        var open = 0
        var waiting = 0
        /// Why no connection can be opened, since when.
        var outage: (reason: String, since: ContinuousClock.Instant)?
        /// The server gave no more connections than the open ones: not asked again until then.
        var fullUntil: ContinuousClock.Instant?
        var isClosed = false
    }

    private enum Step {
        case use(PostgresConnection)
        case open
        case refuse(String)
    }

    private let state = Monitor(State())
    private let url: PostgresURL
    private let settings: PostgresSettings
    private let logger: Logger

    init(_ url: PostgresURL, _ settings: PostgresSettings, _ logger: Logger) {
        self.url = url
        self.settings = settings
        self.logger = logger
    }

    var counts: (open: Int, idle: Int) { state.withLock { ($0.open, $0.idle.count) } }

    /// Blocks while a connection is opened, or all that the server gives are in use.
    ///
    /// - Throws: `Unavailable`.
    func take() throws -> PostgresConnection {
        let deadline = ContinuousClock.now + settings.connectTimeout
        while true {
            switch nextStep(by: deadline) {
            case .use(let connection):
                if isUsable(connection) { return connection }
                discard()
            case .open:
                if let connection = try open() { return connection }
            case .refuse(let reason):
                throw Unavailable("database", reason: reason)
            }
        }
    }

    /// - Parameter connection: closed if it is lost, or if the pool is.
    func giveBack(_ connection: PostgresConnection) {
        if connection.isLost { return discard() }
        connection.lastUse = .now
        let closed: [PostgresConnection] = state.withLock { state in
            if state.isClosed {
                state.open -= 1
                return [connection]
            }
            state.idle.append(connection)
            let limit = connection.lastUse - settings.closeIdleAfter
            let old = state.idle.prefix { $0.lastUse < limit }
            state.idle.removeFirst(old.count)
            state.open -= old.count
            return Array(old)
        }
        state.signalAll()
        // Closed here, without the lock.
        withExtendedLifetime(closed) {}
    }

    /// Closes what is idle, and the rest when it is given back.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            state.open -= state.idle.count
            defer { state.idle = [] }
            return state.idle
        }
        state.signalAll()
        withExtendedLifetime(idle) {}
    }

    private func nextStep(by deadline: ContinuousClock.Instant) -> Step {
        while true {
            // Looks again from time to time: the end of `fullUntil` wakes nobody.
            let step = state.wait(upTo: .milliseconds(200)) { state, _ -> Step? in
                if let outage = state.outage { return .refuse(outage.reason) }
                if let connection = state.idle.popLast() { return .use(connection) }
                let isFull = state.fullUntil.map { $0 > .now } ?? false
                guard state.open < (isFull ? 1 : settings.connections) else { return nil }
                state.open += 1
                return .open
            }
            if let step { return step }
            if ContinuousClock.now >= deadline { return .refuse("the server gives no more connections") }
        }
    }

    /// Whether an idle connection seems to be in order.
    private func isUsable(_ connection: PostgresConnection) -> Bool {
        let idleFor = ContinuousClock.now - connection.lastUse
        if idleFor >= settings.trustIdleFor { connection.needsProof = true }
        if idleFor < .milliseconds(50) { return true }
        // The answer to a read's COMMIT may still be there.
        if !connection.expected.isEmpty { _ = try? connection.drain() }
        return !connection.isLost && connection.looksAlive()
    }

    private func discard() {
        state.withLock { $0.open -= 1 }
        state.signalAll()
    }

    /// - Returns: nil if the server gives no more, but others are open.
    private func open() throws -> PostgresConnection? {
        do {
            return try PostgresConnection.open(url, settings)
        } catch {
            let reason = (error as? ConnectionLoss)?.reason ?? "\(error)"
            if noteFailure(reason) { throw Unavailable("database", reason: reason) }
            return nil
        }
    }

    /// - Returns: whether the pool is down.
    private func noteFailure(_ reason: String) -> Bool {
        let (isDown, isNew) = state.withLock { state in
            state.open -= 1
            if state.outage != nil { return (true, false) }
            if state.open > 0 {
                state.fullUntil = .now + .seconds(2)
                return (false, false)
            }
            if !state.isClosed { state.outage = (reason, .now) }
            return (true, !state.isClosed)
        }
        state.signalAll()
        if isNew { startTrying(reason) }
        return isDown
    }

    // MARK: Coming back

    private func startTrying(_ reason: String) {
        logger.error("the database cannot be reached", ["database": "\(url)", "reason": .text(reason)])
        do {
            try OwnThread("postgres-retry") { self.tryUntilOpen() }
        } catch {
            // Then the next unit of work tries.
            state.withLock { $0.outage = nil }
        }
    }

    private func tryUntilOpen() {
        var backoff = Backoff()
        while true {
            let pause = backoff.next()
            let isClosed = state.wait(upTo: pause) { state, isLast in state.isClosed || isLast ? state.isClosed : nil }
            if isClosed ?? true { return }
            do {
                return comeBack(with: try PostgresConnection.open(url, settings))
            } catch {
                let reason = (error as? ConnectionLoss)?.reason ?? "\(error)"
                state.withLock { $0.outage?.reason = reason }
            }
        }
    }

    private func comeBack(with connection: PostgresConnection) {
        connection.lastUse = .now
        let since = state.withLock { state in
            defer { state.outage = nil }
            state.fullUntil = nil
            if !state.isClosed {
                state.open += 1
                state.idle.append(connection)
            }
            return state.outage?.since
        }
        state.signalAll()
        let outage = since.map { (ContinuousClock.now - $0).wholeMilliseconds } ?? 0
        logger.info("the database can be reached again", ["outage_ms": .integer(outage)])
    }
}

/// Pauses between attempts: 0.1 s, doubled up to 2 s, each shortened at random by up to a quarter so that many
/// processes do not come at once.
struct Backoff {
    private var milliseconds = 100.0

    mutating func next() -> Duration {
        defer { milliseconds = min(2_000, milliseconds * 2) }
        return .milliseconds(Int64(milliseconds * Double.random(in: 0.75...1)))
    }
}
