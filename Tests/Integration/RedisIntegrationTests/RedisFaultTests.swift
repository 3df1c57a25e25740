import EventLoop
import Redis
import RedisSupport
import ServerSupport
import Shared
import TestSupport
import Testing

@Suite("The client of Redis when something is wrong", .timeLimit(.minutes(5)))
struct RedisFaultTests {
    @Test("refuses at once while the server is away, and goes on when it is back")
    func outage() async throws {
        let log = RecordingLogSink()
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, .quick, logger: log.logger()) { client in
                try await client.send(RedisCommand("SET", "k", "v"))
                try await server.stop(immediately: true)
                _ = await untilUnreachable(client)
                for _ in 0..<100 {
                    let failure = await #expect(throws: RedisFailure.self) {
                        try await client.send(RedisCommand("GET", "k"))
                    }
                    #expect(failure?.kind == .unavailable)
                }
                try await server.start()
                try await untilConnected(client)
                // It was emptied.
                #expect(try await client.send(RedisCommand("GET", "k")) == .null)
                #expect(client.status.connections == 2)
            }
        }
        #expect(log.messages.contains("Redis cannot be reached"))
        #expect(log.messages.last == "Redis can be reached again")
    }

    @Test("that was never there is told after the first try, and found when it comes")
    func lateServer() async throws {
        try await RedisServer.withOwn { server in
            try await server.stop()
            try await withRedisClient(server.url, .quick) { client in
                let failure = await #expect(throws: RedisFailure.self) { try await client.send(RedisCommand("PING")) }
                #expect(failure?.kind == .unavailable)
                try await server.start()
                try await untilConnected(client)
                #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            }
        }
    }

    @Test("a server that does not answer makes everything in flight unknown, and its late answers nobody's")
    func frozen() async throws {
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, .quick) { client in
                try await client.send(RedisCommand("SET", "k", "0"))
                try server.freeze()
                let failures = await failures(of: 20, client, RedisCommand("INCR", "k"), within: .milliseconds(100))
                // Those that were given after the connection was given up were never sent.
                #expect(failures.count == 20)
                #expect(failures.contains { $0.kind == .unknown })
                #expect(failures.allSatisfy { $0.kind != .refused })
                let sent = failures.count(where: { $0.kind == .unknown })
                try server.thaw()
                try await untilConnected(client)
                let count = try await client.send(RedisCommand("GET", "k")).text.flatMap { Int($0) } ?? -1
                #expect((0...sent).contains(count))
                #expect(try await client.send(RedisCommand("ECHO", "own")).text == "own")
            }
        }
    }

    @Test("what is gathered behind pieces without an answer is sent all the same, soon")
    func gathered() async throws {
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, .quick) { client in
                try await client.send(RedisCommand("SET", "k", "0"))
                try server.freeze()
                // Each is in a piece of its own; what is never sent is unavailable and not unknown.
                let kinds = await withTaskGroup(of: RedisFailure.Kind?.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            do {
                                try await client.send(RedisCommand("INCR", "k"), within: .seconds(20))
                                return nil
                            } catch {
                                return (error as? RedisFailure)?.kind
                            }
                        }
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(kinds.count == 6 && kinds.allSatisfy { $0 == .unknown }, "\(kinds)")
                try server.thaw()
            }
        }
    }

    @Test("an idle connection to a server that does not answer is noticed without a command")
    func idle() async throws {
        var settings = RedisSettings.quick
        settings.pingAfter = .milliseconds(50)
        settings.connectTimeout = .milliseconds(500)
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, settings) { client in
                try await untilConnected(client)
                try server.freeze()
                let status = await untilUnreachable(client)
                #expect(status.reason?.contains("in time") == true)
                try server.thaw()
                try await untilConnected(client)
            }
        }
    }

    @Test("a connection that is cut leaves the outcome open: done or not done, but told as unknown and never repeated")
    func cut() async throws {
        try await RedisServer.withOwn { server in
            let proxy = try TCPProxy(to: server.port)
            defer { proxy.stop() }
            try await withRedisClient(try RedisURL("redis://127.0.0.1:\(proxy.port)"), .quick) { client in
                for (behaviour, total) in [(TCPProxy.Behaviour.cutAfter("INCR"), "1"), (.cutBefore("INCR"), "1")] {
                    try await untilConnected(client)
                    proxy.set(behaviour)
                    let failure = await #expect(throws: RedisFailure.self) {
                        try await client.send(RedisCommand("INCR", "cut"))
                    }
                    #expect(failure?.kind == .unknown)
                    proxy.set(.forward)
                    try await untilConnected(client)
                    #expect(try await client.send(RedisCommand("GET", "cut")).text == total)
                }
            }
        }
    }

    @Test("a network that swallows everything ends in a time-out, and in a new connection")
    func swallowed() async throws {
        try await RedisServer.withOwn { server in
            let proxy = try TCPProxy(to: server.port)
            defer { proxy.stop() }
            try await withRedisClient(try RedisURL("redis://127.0.0.1:\(proxy.port)"), .quick) { client in
                try await client.send(RedisCommand("PING"))
                proxy.set(.swallow)
                let failures = await failures(of: 1, client, RedisCommand("PING"), within: .milliseconds(50))
                #expect(failures.first?.kind == .unknown)
                proxy.set(.forward)
                proxy.cut()
                try await untilConnected(client)
                try await client.send(RedisCommand("PING"))
            }
        }
    }

    @Test("takes only so many waiting commands, and refuses the rest at once")
    func queueLimit() async throws {
        var settings = RedisSettings.quick
        settings.queueLimit = 10
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url, settings) { client in
                try await client.send(RedisCommand("PING"))
                try server.freeze()
                let failures = await failures(of: 200, client, RedisCommand("PING"), within: .milliseconds(200))
                #expect(failures.count == 200)
                #expect(failures.contains { $0.reason == "too many commands wait" })
                try server.thaw()
            }
        }
    }

    @Test("refuses a replica, a member of a cluster and what is no Redis at all")
    func wrongServers() async throws {
        try await RedisServer.withOwn { master in
            try await RedisServer.withOwn(["--replicaof", "127.0.0.1 \(master.port)"]) { replica in
                #expect(await reason(replica.url)?.contains("replica") == true)
            }
        }
        try await RedisServer.withOwn(["--cluster-enabled", "yes", "--cluster-port", "0"]) { member in
            #expect(await reason(member.url)?.contains("cluster") == true)
        }
    }

    @Test("leaves a master that became a replica")
    func demoted() async throws {
        try await RedisServer.withOwn { other in
            try await RedisServer.withOwn { server in
                try await withRedisClient(server.url, .quick) { client in
                    try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", .text("\(other.port)")))
                    let failure = await #expect(throws: RedisFailure.self) {
                        try await client.send(RedisCommand("SET", "k", "v"))
                    }
                    #expect(failure?.kind == .unavailable)
                    #expect(await untilUnreachable(client).reason?.contains("replica") == true)
                }
            }
        }
    }

    @Test("asks Sentinel for the master, and goes to the replica that was promoted")
    func failover() async throws {
        try await RedisServer.withOwn { first in
            try await RedisServer.withOwn(["--replicaof", "127.0.0.1 \(first.port)"]) { second in
                try await first.withSentinel { sentinel in
                    try await until { try await replicas(known: first).contains("state=online") }
                    try await until { try await cli(sentinel, "SENTINEL", "REPLICAS", "gapura").contains("slave") }
                    // The first of the two Sentinels is not there.
                    let places = "127.0.0.1:1,127.0.0.1:\(sentinel.port)"
                    try await withRedisClient(try RedisURL("redis+sentinel://\(places)/gapura"), .quick) { client in
                        try await untilConnected(client)
                        try await client.send(RedisCommand("SET", "k", "v"))
                        try await client.send(RedisCommand("WAIT", "1", "10000"))
                        try await first.stop(immediately: true)
                        try await untilConnected(client) { $0.endpoint?.description == "127.0.0.1:\(second.port)" }
                        #expect(try await client.send(RedisCommand("GET", "k")).text == "v")
                    }
                }
            }
        }
    }

    @Test("says what each Sentinel said when none knows the master")
    func unknownMaster() async throws {
        try await RedisServer.withOwn { server in
            try await server.withSentinel { sentinel in
                let url = try RedisURL("redis+sentinel://127.0.0.1:\(sentinel.port)/other")
                #expect(await reason(url)?.contains("does not know the master other") == true)
            }
        }
    }

    private func replicas(known server: RedisServer) async throws -> String {
        try await cli(server, "INFO", "replication")
    }

    private func cli(_ server: RedisServer, _ words: String...) async throws -> String {
        try await ProgramRun.output("/usr/bin/redis-cli", ["-p", "\(server.port)"] + words)
    }

    /// Asks again and again: servers tell nobody when they have found each other. The time limit of the test ends it.
    private func until(_ isDone: () async throws -> Bool) async throws {
        while !(try await isDone()) { try await Task.sleep(for: .milliseconds(50)) }
    }

    private func reason(_ url: RedisURL) async -> String? {
        let failure = await #expect(throws: RedisFailure.self) {
            try await withRedisClient(url, .quick) { try await $0.send(RedisCommand("PING")) }
        }
        #expect(failure?.kind == .unavailable)
        return failure?.reason
    }

    private func failures(
        of count: Int, _ client: RedisClient, _ command: RedisCommand, within timeout: Duration
    ) async -> [RedisFailure] {
        await withTaskGroup(of: RedisFailure?.self) { group in
            for _ in 0..<count {
                group.addTask {
                    do {
                        try await client.send(command, within: timeout)
                        return nil
                    } catch {
                        return error as? RedisFailure
                    }
                }
            }
            var failures: [RedisFailure] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
    }
}
