import Glibc
import Postgres
import ServerSupport
import Shared
import Threads

/// A PostgreSQL server for tests.
package struct PostgresServer: Sendable {
    /// Of its database `postgres`, as a user who may do everything.
    package let url: PostgresURL
    /// Nil for a server that somebody else started.
    package let folder: String?

    /// The server that all tests of this process share: that of `TEST_DATABASE_URL`, else one of its own that ends
    /// with the process, however that ends.
    package static func shared() async throws -> PostgresServer { try await sharedStart.value }

    private static let sharedStart = Task {
        if let text = getenv("TEST_DATABASE_URL").map({ String(cString: $0) }), !text.isEmpty {
            return PostgresServer(url: patient(try PostgresURL(text)), folder: nil)
        }
        let (server, pipe) = try await launch([])
        // Kept open to the process's end.
        _ = pipe
        return PostgresServer(url: patient(server.url), folder: server.folder)
    }

    /// While all tests run at once, the server may take longer to answer than a program should wait.
    private static func patient(_ url: PostgresURL) -> PostgresURL { url.with("connect_timeout", "60") }

    /// A server that a test may stop, start and configure as it likes; deleted afterwards.
    ///
    /// - Parameter options: as `-c` of `postgres`: `ssl=on`.
    package static func withOwn<T>(
        _ options: [String] = [], _ body: (PostgresServer) async throws -> T
    ) async throws -> T {
        let (server, pipe) = try await launch(options.flatMap { ["-c", $0] })
        defer { close(pipe) }
        return try await body(server)
    }

    /// Gives `body` the URL of a PgBouncer in transaction mode before this server.
    package func withPooler<T>(_ body: (PostgresURL) async throws -> T) async throws -> T {
        let place = "postgres://\(url["host"] ?? "127.0.0.1"):\(url["port"] ?? "5432")/"
        let (lines, pipe) = try await ProgramRun.firstLines(2, ProgramRun.script("postgres"), ["pooler", place])
        defer { close(pipe) }
        return try await body(try PostgresURL(lines[0]))
    }

    package func stop(immediately: Bool = false) async throws {
        guard let folder else { throw InternalFailure("this server is not ours to stop") }
        try await ProgramRun.output(
            ProgramRun.script("postgres"), ["stop", folder, immediately ? "immediate" : "fast"])
    }

    /// Starts it again, on the same port.
    package func start() async throws {
        guard let folder else { throw InternalFailure("this server is not ours to start") }
        try await ProgramRun.output(ProgramRun.script("postgres"), ["start", folder])
    }

    /// - Returns: the server, and the descriptor whose closing ends it.
    private static func launch(_ options: [String]) async throws -> (PostgresServer, Int32) {
        let (lines, pipe) = try await ProgramRun.firstLines(2, ProgramRun.script("postgres"), ["watch"] + options)
        return (PostgresServer(url: try PostgresURL(lines[0]), folder: lines[1]), pipe)
    }
}
