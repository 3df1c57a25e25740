import HTTPServer
import Lifecycle
import Shared
import Testing

@Suite("Many clients at once")
struct LoadTests {
    @Test("five hundred idle connections do not keep others from being served")
    func idleConnections() async throws {
        try await TestServer.run { test in
            let port = test.port
            try await onThread {
                let idle = try (0..<500).map { _ in try RawClient(port: port) }
                try wait(for: "the idle connections") { test.statistics.openConnections >= 500 }
                let client = try RawClient(port: port)
                try client.send("GET /hop HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().text == "GET /hop\n")
                // One of them wakes up.
                try idle[250].send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try idle[250].readResponse().text == "GET /echo\n")
                for client in idle { client.close() }
            }
            #expect(await eventually { test.statistics.openConnections == 0 })
        }
    }

    @Test("every answer of a mixed load is exactly the one that was asked for", arguments: [1, 3])
    func mixedLoad(threads: Int) async throws {
        try await TestServer.run(TestServer.settings { $0.threads = threads }) { test in
            let port = test.port
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        try await onThread {
                            let client = try RawClient(port: port)
                            var wrong = 0
                            for round in 0..<150 {
                                let target = "\(["/hop", "/echo", "/now"][round % 3])?\(number)-\(round)"
                                let body = String(repeating: "\(number),\(round);", count: round)
                                try client.send(
                                    "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                                )
                                if try client.readResponse().text != "POST \(target)\n\(body)" { wrong += 1 }
                            }
                            return wrong
                        }
                    }
                }
                for try await wrong in group { #expect(wrong == 0) }
            }
        }
    }

    @Test("a peer that has as many connections as it may gets no more until one closes; a trusted one gets all")
    func connectionsPerPeer() async throws {
        let limited = TestServer.settings { $0.connectionsPerPeer = 2 }
        try await TestServer.run(limited) { test in
            let port = test.port
            try await onThread {
                let held = try (0..<2).map { _ in try RawClient(port: port) }
                try wait(for: "both connections") { test.statistics.openConnections == 2 }
                #expect(try RawClient(port: port).readUntilClosed().isEmpty)
                try held[0].send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try held[0].readResponse().status == 200)
                held[1].close()
                try wait(for: "the one that closes") { test.statistics.openConnections == 1 }
                let next = try RawClient(port: port)
                try next.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try next.readResponse().status == 200)
            }
        }
        let trusting = TestServer.settings { settings in
            settings.connectionsPerPeer = 2
            settings.unlimitedPeers = ["127.0.0.0/8", "::1"].compactMap { NetworkPrefix(text: $0) }
        }
        try await TestServer.run(trusting) { test in
            let port = test.port
            try await onThread {
                for client in try (0..<5).map({ _ in try RawClient(port: port) }) {
                    try client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.readResponse().status == 200)
                }
            }
        }
    }

    @Test("connections over the limit wait until another closes")
    func connectionLimit() async throws {
        try await TestServer.run(TestServer.settings { $0.connectionLimit = 2 }) { test in
            let port = test.port
            try await onThread {
                let held = try (0..<2).map { _ in try RawClient(port: port) }
                try wait(for: "both connections") { test.statistics.openConnections == 2 }
                let waiting = try (0..<3).map { _ in try RawClient(port: port) }
                for client in waiting { try client.send("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
                try held[0].send("GET /hop HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try held[0].readResponse().status == 200)
                #expect(test.statistics.openConnections == 2)
                held[1].close()
                for client in waiting { #expect(try client.readResponse().text == "GET /echo\n") }
            }
        }
    }
}
