import Shared
import Synchronization

/// Several mail servers in order: the first one that works takes a mail.
///
/// A server that cannot be reached, does not answer in time, or refuses us and not the mail, hands over to the next one
/// and is left alone for a while. What is about the mail or its reader is nobody else's to decide. A single server is
/// asked always.
package final class SMTPFailover: Sendable {
    package struct Server: Sendable {
        /// `smtp.example.com:587`; unlike the others' names.
        package let name: String
        let send: @Sendable (MailMessage) async throws -> Void

        /// - Parameter send: throws as `SMTPTransport.send` does.
        package init(_ name: String, send: @escaping @Sendable (MailMessage) async throws -> Void) {
            self.name = name
            self.send = send
        }
    }

    package enum Outcome: String, Sendable, CaseIterable {
        case taken
        /// For good or for now; the server works.
        case refused
        /// The server did not work.
        case failed
    }

    private let servers: [Server]
    private let breaker: CircuitBreaker
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var counts: [String: [Outcome: Int]] = [:]
        /// Those that failed at the last mail that they were given.
        var failing: Set<String> = []
    }

    /// - Parameters:
    ///   - servers: at least one, the preferred one first.
    ///   - pause: how long one is left alone that failed; then one mail tries it.
    package init(
        _ servers: [Server], pause: Duration = .seconds(60), clock: any MonotonicClock = SystemMonotonicClock(),
        logger: Logger
    ) {
        self.servers = servers
        self.logger = logger
        breaker = CircuitBreaker(failuresMax: 1, pause: pause, clock: clock)
    }

    package var names: [String] { servers.map(\.name) }

    /// False since a server failed, until it works again.
    package func isWorking(_ name: String) -> Bool { state.withLock { !$0.failing.contains(name) } }

    /// `ok`, `degraded` while some server fails, `failing` while all do.
    package var health: String {
        let failing = state.withLock { $0.failing.count }
        return failing == 0 ? "ok" : failing < servers.count ? "degraded" : "failing"
    }

    /// Mails since the start.
    package func count(_ outcome: Outcome, of name: String) -> Int {
        state.withLock { $0.counts[name]?[outcome] ?? 0 }
    }

    /// Returns when a server has taken the mail.
    ///
    /// A mail whose end was not answered is not given to another server at once: it would be there twice. The next
    /// attempt finds the server left alone.
    ///
    /// - Returns: the server's name.
    /// - Throws: `SMTPFailure` of the last server that was asked; `CancellationError`; `Unavailable` if all are being
    ///   left alone, and as the servers' transports throw it.
    package func send(_ message: MailMessage) async throws -> String {
        var latest: SMTPFailure?
        for server in servers where admits(server) {
            do {
                try await server.send(message)
                works(server, .taken)
                return server.name
            } catch let failure as SMTPFailure {
                guard failure.isOfServer else {
                    works(server, .refused)
                    throw failure
                }
                failed(server, failure)
                if failure.mayHaveArrived { throw failure }
                latest = failure
            } catch {
                breaker.abandoned(server.name)
                throw error
            }
        }
        if let latest { throw latest }
        throw Unavailable("smtp", reason: "every mail server failed a moment ago")
    }

    private func admits(_ server: Server) -> Bool {
        guard servers.count > 1 else { return true }
        return (try? breaker.admit(server.name)) != nil
    }

    private func works(_ server: Server, _ outcome: Outcome) {
        note(outcome, server)
        breaker.succeeded(server.name)
    }

    private func failed(_ server: Server, _ failure: SMTPFailure) {
        note(.failed, server)
        guard servers.count > 1 else { return }
        breaker.failed(server.name)
        logger.warning(
            "a mail server failed and is left alone for a while",
            ["server": .text(server.name), "cause": .text(failure.description)])
    }

    private func note(_ outcome: Outcome, _ server: Server) {
        state.withLock { state in
            state.counts[server.name, default: [:]][outcome, default: 0] += 1
            if outcome == .failed { state.failing.insert(server.name) } else { state.failing.remove(server.name) }
        }
    }
}
