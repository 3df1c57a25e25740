import EventLoop
import Lifecycle
import Shared
import Synchronization

/// A client of one Redis: one connection, on a thread of its own, for everybody in the process. Commands of many tasks
/// travel together without waiting for each other.
///
/// It connects by itself, again and again. While it cannot, commands fail at once; those that come before the first try
/// has ended wait for it.
package final class RedisClient: Service {
    /// What is called with each message of a channel, and with nil after each subscribing, for something may have been
    /// missed. On the client's thread: briefly.
    package struct Subscription: Sendable {
        package let channel: String
        package let handler: @Sendable ([UInt8]?) -> Void

        package init(_ channel: String, _ handler: @escaping @Sendable ([UInt8]?) -> Void) {
            self.channel = channel
            self.handler = handler
        }
    }

    package let name = "redis"
    /// What the URL says of how long a decision waits.
    package let timeout: Duration?
    private let loop: EventLoop
    private let mailbox: Mailbox<RedisRequest>
    private let board: RedisBoard
    private let settings: RedisSettings
    private let order = Mutex<UInt64>(0)

    /// Starts to connect.
    ///
    /// - Throws: `ConnectionFailure` if the authorities cannot be read; `Unavailable` if the system has no thread left.
    package init(
        _ url: RedisURL, settings: RedisSettings = RedisSettings(), subscriptions: [Subscription] = [],
        logger: Logger = .silent
    ) throws {
        let tls = try url.isEncrypted ? TLSContext(trusting: url.authorityFile.map { .file($0) } ?? .system) : nil
        let loop = try EventLoop()
        let board = RedisBoard(url, logger)
        let mailbox = Mailbox<RedisRequest>(loop, limit: settings.queueLimit)
        timeout = url.timeout
        self.loop = loop
        self.board = board
        self.mailbox = mailbox
        self.settings = settings
        loop.execute { _ = RedisWorker(loop, mailbox, url, tls, settings, board, subscriptions) }
        try loop.start("redis")
    }

    package var status: RedisStatus { board.status }
    /// How often a connection was made; costs next to nothing.
    package var connectionCount: Int { board.connectionCount }

    /// - Parameter observer: called now and at each change of the connection, on the client's thread: briefly.
    package func observe(_ observer: @escaping @Sendable (RedisStatus) -> Void) { board.observe(observer) }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        await close()
    }

    /// Ends the connection; what waits for an answer fails. Call it once.
    package func close() async {
        loop.stop()
        await loop.join()
    }

    /// Sends a command.
    ///
    /// - Parameter timeout: how long its answer may take; nil: as the settings say.
    /// - Returns: the answer, which is no error.
    /// - Throws: `RedisFailure`.
    @discardableResult
    package func send(_ command: RedisCommand, within timeout: Duration? = nil) async throws -> RedisValue {
        let answer = try await answers(command.bytes, 1, timeout)[0]
        if case .error(let reply) = answer { throw RedisFailure(reply) }
        return answer
    }

    /// Sends several commands in one piece; other clients' may come between them.
    ///
    /// - Returns: as many answers, errors among them.
    /// - Throws: `RedisFailure` if not all have an answer.
    package func send(_ commands: [RedisCommand], within timeout: Duration? = nil) async throws -> [RedisValue] {
        if commands.isEmpty { return [] }
        return try await answers(commands.flatMap(\.bytes), commands.count, timeout)
    }

    /// Sends commands whose answers nobody waits for.
    package func post(_ commands: [RedisCommand]) {
        if commands.isEmpty { return }
        post(commands.flatMap(\.bytes), commands.count, nil) { _ in }
    }

    /// Runs a script: in one round trip where the server knows it already.
    ///
    /// - Parameters:
    ///   - keys: all that it touches, so that it runs on relatives of Redis and in a cluster.
    ///   - timeout: of each of the two round trips.
    /// - Throws: `RedisFailure`. `unknown` is never tried again here: it may have counted.
    package func run(
        _ script: RedisScript, keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument] = [],
        within timeout: Duration? = nil
    ) async throws -> RedisValue {
        let answer = try await answers(script.command(keys: keys, arguments).bytes, 1, timeout)[0]
        guard case .error(let reply) = answer else { return answer }
        guard reply.code == "NOSCRIPT" else { throw RedisFailure(reply) }
        return try await send(script.wholeCommand(keys: keys, arguments), within: timeout)
    }

    /// Runs a script whose calls carry numbers, sent in their order: so the server can tell a call that comes late, or
    /// twice, from a new one.
    ///
    /// - Parameters:
    ///   - along: sent in the same piece; their answers are dropped.
    ///   - arguments: called for each time that it is sent; briefly, for others wait.
    /// - Throws: as `run`.
    package func run(
        _ script: RedisScript, keys: [RedisCommand.Argument], along: [RedisCommand] = [],
        within timeout: Duration? = nil, numbered arguments: (_ number: UInt64) -> [RedisCommand.Argument]
    ) async throws -> RedisValue {
        let first = try await numbered(1 + along.count, timeout) { number in
            var bytes = script.command(keys: keys, arguments(number)).bytes
            for command in along { bytes += command.bytes }
            return bytes
        }[0]
        guard case .error(let reply) = first else { return first }
        guard reply.code == "NOSCRIPT" else { throw RedisFailure(reply) }
        let second = try await numbered(1, timeout) { number in
            script.wholeCommand(keys: keys, arguments(number)).bytes
        }[0]
        if case .error(let reply) = second { throw RedisFailure(reply) }
        return second
    }

    private func numbered(
        _ count: Int, _ timeout: Duration?, _ bytes: (UInt64) -> [UInt8]
    ) async throws -> [RedisValue] {
        try await withCheckedThrowingContinuation { continuation in
            order.withLock { last in
                last += 1
                post(bytes(last), count, timeout) { continuation.resume(with: $0.mapError { $0 as any Error }) }
            }
        }
    }

    private func answers(_ bytes: [UInt8], _ count: Int, _ timeout: Duration?) async throws -> [RedisValue] {
        try await withCheckedThrowingContinuation { continuation in
            post(bytes, count, timeout) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }

    private func post(
        _ bytes: [UInt8], _ count: Int, _ timeout: Duration?,
        _ completion: @escaping @Sendable (Result<[RedisValue], RedisFailure>) -> Void
    ) {
        if let reason = board.refusal { return completion(.failure(RedisFailure(.unavailable, reason))) }
        let request = RedisRequest(
            bytes: bytes, answers: count, timeout: timeout ?? settings.commandTimeout, completion: completion)
        switch mailbox.post(request) {
        case .accepted: break
        case .full: completion(.failure(RedisFailure(.unavailable, "too many commands wait")))
        case .closed: completion(.failure(RedisFailure(.unavailable, "the client was closed")))
        }
    }
}
