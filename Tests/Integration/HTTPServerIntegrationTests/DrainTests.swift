import HTTP
import HTTPServer
import Lifecycle
import Shared
import Testing

@Suite("The end of a server")
struct DrainTests {
    @Test("a running request is answered, its connection and idle ones are closed, and new ones are refused")
    func finishesRunning() async throws {
        try await TestServer.run { test in
            let port = test.port
            async let running = onThread {
                let client = try RawClient(port: port)
                try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse()
                return (response, try client.readUntilClosed())
            }
            async let idle = onThread {
                let client = try RawClient(port: port)
                try client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try !client.readResponse().closes)
                return try client.readUntilClosed()
            }
            #expect(
                await eventually { test.statistics.suspendedExchanges == 1 && test.statistics.openConnections == 2 })
            test.lifecycle.requestShutdown(deadline: .now + .seconds(3_600))
            #expect(try await idle.isEmpty)
            let refused = try await onThread {
                do {
                    _ = try RawClient(port: port)
                    return false
                } catch is ClientFailure {
                    return true
                }
            }
            #expect(refused)
            test.application.gate.open()
            let (response, rest) = try await running
            #expect(response.text == "GET /wait\n" && response.closes && rest.isEmpty)
        }
    }

    @Test("what has no answer at the deadline gets 503, and its handler is cancelled")
    func refusesTheRest() async throws {
        try await TestServer.run { test in
            let port = test.port
            async let responses = onThread {
                let clients = try (0..<20).map { number in
                    let client = try RawClient(port: port)
                    try client.send("GET \(number % 2 == 0 ? "/wait" : "/stubborn") HTTP/1.1\r\nHost: a\r\n\r\n")
                    return client
                }
                return try clients.map { client in
                    let response = try client.readResponse()
                    #expect(try client.readUntilClosed().isEmpty)
                    return response
                }
            }
            #expect(await eventually { test.statistics.suspendedExchanges == 20 })
            test.lifecycle.requestShutdown(deadline: .now)
            for response in try await responses {
                #expect(response.status == 503 && response.closes && response.text == "draining")
            }
            #expect(await eventually { test.application.cancellationCount == 10 })
        }
    }

    @Test("it ends under load without losing an answer", arguments: 0..<5)
    func endsUnderLoad(round: Int) async throws {
        try await TestServer.run { test in
            let port = test.port
            let isAtOnce = round == 0
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await onThread {
                            let client = try RawClient(port: port)
                            for count in 0... {
                                let target = (number + count) % 2 == 0 ? "/hop" : "/echo"
                                do {
                                    try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                                } catch is ClientFailure {
                                    return count
                                }
                                // An idle connection may be closed just as the next request is on its way.
                                guard let response = try? client.readResponse() else { return count }
                                #expect(response.text == "GET \(target)\n" || isAtOnce && response.status == 503)
                                if response.closes { return count + 1 }
                            }
                            return 0
                        }
                    }
                }
                #expect(await eventually { test.statistics.openConnections == 8 })
                test.lifecycle.requestShutdown(deadline: .now + .seconds(isAtOnce ? 0 : 30))
                for try await count in group { #expect(count >= 0) }
            }
        }
    }

    @Test("a cancelled server ends as well")
    func cancelled() async throws {
        let application = TestApplication()
        let server = HTTPServer(
            name: "test", settings: TestServer.settings(), application: application, logger: .silent)
        let task = Task { try await server.run(ServiceLifecycle()) }
        #expect(await eventually { server.boundPort != nil })
        task.cancel()
        try await task.value
        #expect(server.boundPort == nil)
    }

    @Test("an address in use, one that is elsewhere and an impossible port are told apart")
    func listenFailures() async throws {
        func failure(_ change: (inout HTTPServerSettings) -> Void) async -> ListenFailure? {
            let server = HTTPServer(
                name: "test", settings: TestServer.settings(change), application: TestApplication(), logger: .silent)
            do {
                try await server.run(ServiceLifecycle())
                return nil
            } catch {
                return error as? ListenFailure
            }
        }
        try await TestServer.run { test in
            let taken = await failure { $0.port = test.port }
            #expect(taken?.reason == .addressInUse)
            #expect(taken?.description == "cannot listen on 127.0.0.1:\(test.port): the address is in use (bind)")
        }
        let elsewhere = await failure { $0.host = NetworkAddress(ipv4: 0xC000_0201) }
        #expect(elsewhere?.reason == .addressNotAvailable)
        #expect(await failure { $0.port = 65_536 } != nil)
    }

    @Test("a server can run again, and on IPv6")
    func runsAgain() async throws {
        let server = HTTPServer(
            name: "test", settings: TestServer.settings { $0.host = NetworkAddress(ipv6High: 0, low: 0) },
            application: TestApplication(), logger: .silent)
        for _ in 0..<2 {
            let lifecycle = ServiceLifecycle()
            async let run: Void = server.run(lifecycle)
            #expect(await eventually { server.boundPort != nil })
            let port = try #require(server.boundPort)
            let response = try await onThread {
                let client = try RawClient(port: port)
                try client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                return try client.readResponse()
            }
            // The IPv4 client of a dual socket has its IPv4 address.
            #expect(response["X-Peer"] == "127.0.0.1")
            lifecycle.requestShutdown(deadline: .now + .seconds(5))
            try await run
        }
    }
}
