import HTTP
import HTTPServer
import Lifecycle
import Shared
import Testing

/// A server that runs in this process, on a free port.
struct TestServer: Sendable {
    let server: HTTPServer
    let lifecycle: ServiceLifecycle
    let application: TestApplication
    let port: Int

    var statistics: HTTPServerStatistics { server.statistics }

    /// Settings with which tests need not wait long. Deadlines are for the tests about them: on a busy machine a client
    /// of a test may be slower than one that is to be given up.
    static func settings(_ change: (inout HTTPServerSettings) -> Void = { _ in }) -> HTTPServerSettings {
        var settings = HTTPServerSettings(port: 0, threads: 2)
        settings.headDeadline = .seconds(600)
        settings.bodyDeadline = .seconds(600)
        settings.idleTimeout = .seconds(600)
        settings.sendDeadline = .seconds(600)
        settings.sweepInterval = .milliseconds(10)
        settings.disconnectGrace = .milliseconds(200)
        change(&settings)
        return settings
    }

    /// Runs a server around `body`. At its end the server is drained, and must have nothing left.
    static func run(
        _ settings: HTTPServerSettings = Self.settings(), _ body: (TestServer) async throws -> Void
    ) async throws {
        let application = TestApplication()
        let server = HTTPServer(name: "test", settings: settings, application: application, logger: .silent)
        let lifecycle = ServiceLifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(lifecycle) }
            guard await eventually({ server.boundPort != nil }), let port = server.boundPort else {
                lifecycle.requestShutdown(deadline: .now)
                try await group.waitForAll()
                Issue.record("the server did not start")
                return
            }
            let test = TestServer(server: server, lifecycle: lifecycle, application: application, port: port)
            do {
                try await body(test)
            } catch {
                application.gate.open()
                lifecycle.requestShutdown(deadline: .now)
                throw error
            }
            application.gate.open()
            #expect(await eventually { server.statistics.liveExchanges == 0 })
            lifecycle.requestShutdown(deadline: .now + .seconds(5))
            try await group.waitForAll()
            #expect(server.statistics == HTTPServerStatistics())
        }
    }

    /// Sends one text on a connection of its own and reads one answer.
    func exchange(_ text: String, hasBody: Bool = true) async throws -> RawResponse {
        let port = port
        return try await onThread {
            let client = try RawClient(port: port)
            try client.send(text)
            return try client.readResponse(hasBody: hasBody)
        }
    }

    /// Whether the server still answers others as it should.
    func isAlive() async throws -> Bool {
        try await exchange("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").text == "GET /echo\n"
    }
}
