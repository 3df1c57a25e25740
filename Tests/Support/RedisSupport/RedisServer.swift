import EventLoop
import Glibc
import Redis
import ServerSupport
import Shared
import Synchronization

/// A Redis server for tests.
package struct RedisServer: Sendable {
    package let url: RedisURL
    package let port: Int
    /// Nil for a server that somebody else started.
    package let folder: String?

    /// The server that all tests of this process share: that of `TEST_REDIS_URL`, else one of its own that ends with
    /// the process, however that ends. Whoever uses it has keys of its own: `newKey`.
    package static func shared() async throws -> RedisServer { try await sharedStart.value }

    private static let sharedStart = Task {
        if let text = getenv("TEST_REDIS_URL").map({ String(cString: $0) }), !text.isEmpty {
            return try RedisServer(text, folder: nil)
        }
        let (server, pipe) = try await launch(["watch"])
        // Kept open to the process's end.
        _ = pipe
        return server
    }

    private static let serial = Atomic(0)

    /// A key that no other test has.
    package static func newKey(_ kind: String = "k") -> String {
        "\(kind):\(getpid()):\(serial.add(1, ordering: .relaxed).newValue)"
    }

    /// A server that a test may stop, start and configure as it likes; deleted afterwards.
    ///
    /// - Parameter options: of redis-server.
    package static func withOwn<T>(
        _ options: [String] = [], _ body: (RedisServer) async throws -> T
    ) async throws -> T {
        let (server, pipe) = try await launch(["watch"] + options)
        defer { close(pipe) }
        return try await body(server)
    }

    /// A Sentinel that watches this server as the master `gapura`.
    package func withSentinel<T>(_ body: (RedisServer) async throws -> T) async throws -> T {
        let (sentinel, pipe) = try await Self.launch(["sentinel", String(port)])
        defer { close(pipe) }
        return try await body(sentinel)
    }

    /// - Parameter immediately: as a crash does.
    package func stop(immediately: Bool = false) async throws {
        try await script("stop", immediately ? "KILL" : "TERM")
    }

    /// Starts it again, on the same port. Its data are gone.
    package func start() async throws { try await script("start") }

    /// It keeps its connections and answers nothing, as a machine that swaps.
    package func freeze() throws { try signal(SIGSTOP) }

    package func thaw() throws { try signal(SIGCONT) }

    private func script(_ words: String...) async throws {
        guard let folder else { throw InternalFailure("this server is not ours to stop") }
        try await ProgramRun.output(
            ProgramRun.script("redis"), [words[0], folder] + words.dropFirst())
    }

    private func signal(_ number: Int32) throws {
        guard let folder, let file = fopen("\(folder)/pid", "r") else {
            throw InternalFailure("this server is not ours to stop")
        }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 32)
        guard fgets(&text, 32, file) != nil, let process = Self.number(text),
            kill(process, number) == 0
        else { throw InternalFailure("the server does not run") }
    }

    private static func number(_ text: [CChar]) -> Int32? {
        Int32(String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private init(_ text: String, folder: String?) throws {
        url = try RedisURL(text)
        guard case .server(.tcp(_, let port)) = url.place else { throw InternalFailure("not a server: \(url)") }
        self.port = port
        self.folder = folder
    }

    /// - Returns: the server, and the descriptor whose closing ends it.
    private static func launch(_ words: [String]) async throws -> (RedisServer, Int32) {
        let (lines, pipe) = try await ProgramRun.firstLines(2, ProgramRun.script("redis"), words)
        return (try RedisServer(lines[0], folder: lines[1]), pipe)
    }
}

extension RedisSettings {
    /// While all tests run at once, the server may take longer to answer than a program should wait.
    package static let patient = RedisSettings(
        connectTimeout: .seconds(60), commandTimeout: .seconds(60), pingAfter: .seconds(60))
}

/// Gives `body` a client, which is closed at the end.
package func withRedisClient<T>(
    _ url: RedisURL, _ settings: RedisSettings = .patient, _ subscriptions: [RedisClient.Subscription] = [],
    logger: Logger = .silent, _ body: (RedisClient) async throws -> T
) async throws -> T {
    let client = try RedisClient(url, settings: settings, subscriptions: subscriptions, logger: logger)
    let result: Result<T, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    await client.close()
    return try result.get()
}
