import Redis
import RedisSupport
import ServerSupport
import Shared
import TestSupport
import Testing

@Suite("The client of Redis", .timeLimit(.minutes(5)))
struct RedisClientTests {
    @Test("sends commands and gives their answers, binary ones and errors too")
    func commands() async throws {
        try await withRedisClient(try await RedisServer.shared().url) { client in
            let key = RedisServer.newKey()
            let bytes: [UInt8] = [0, 13, 10, 255]
            #expect(try await client.send(RedisCommand("SET", .text(key), .bytes(bytes))) == .status("OK"))
            #expect(try await client.send(RedisCommand("GET", .text(key))) == .bytes(bytes))
            #expect(try await client.send(RedisCommand("GET", .text(key + "none"))) == .null)
            let refused = await #expect(throws: RedisFailure.self) {
                try await client.send(RedisCommand("INCR", .text(key)))
            }
            #expect(refused?.kind == .refused)
            let several = try await client.send([
                RedisCommand("DEL", .text(key)), RedisCommand("INCR", .text(key)),
                RedisCommand("LPUSH", .text(key), "x"),
            ])
            #expect(several.prefix(2) == [.integer(1), .integer(1)])
            guard case .error(let reply) = several[2] else { throw InternalFailure("\(several)") }
            #expect(reply.code == "WRONGTYPE")
        }
    }

    @Test("gives each of thousands of tasks its own answer over one connection")
    func pipelining() async throws {
        try await withRedisClient(try await RedisServer.shared().url) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<3_000 {
                    group.addTask {
                        let text = "answer \(number)"
                        let answer = try await client.send(RedisCommand("ECHO", .text(text)))
                        #expect(answer.text == text)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.status.connections == 1)
        }
    }

    @Test("carries megabytes both ways beside other commands")
    func large() async throws {
        try await withRedisClient(try await RedisServer.shared().url) { client in
            let bytes = SeededRandom(seed: 3).bytes(6_000_000)
            async let small = client.send(RedisCommand("ECHO", "small"))
            async let large = client.send(RedisCommand("ECHO", .bytes(bytes)))
            let (long, short) = try await (large, small)
            #expect(long.bytes == bytes)
            #expect(short.text == "small")
        }
    }

    @Test("runs a script by its digest, and by its text on a server that does not know it")
    func scripts() async throws {
        try await RedisServer.withOwn { server in
            try await withRedisClient(server.url) { client in
                let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
                for expected in [2, 4, 6, 8] as [Int64] {
                    if expected == 6 { try await client.send(RedisCommand("SCRIPT", "FLUSH")) }
                    #expect(try await client.run(script, keys: ["counter"], [2]) == .integer(expected))
                }
                let known = try await client.send(RedisCommand("SCRIPT", "EXISTS", .text(script.digest)))
                #expect(known == .array([.integer(1)]))
                let broken = await #expect(throws: RedisFailure.self) {
                    try await client.run(RedisScript("return redis.call('NOSUCH')"), keys: [])
                }
                #expect(broken?.kind == .refused)
            }
        }
    }

    @Test("gets in with a password, for a user and into a database, and by a socket of the machine")
    func access() async throws {
        let options = ["--requirepass", "s3cret", "--unixsocket", "redis.sock"]
        try await RedisServer.withOwn(options) { server in
            let place = "127.0.0.1:\(server.port)"
            try await withRedisClient(try RedisURL("redis://:s3cret@\(place)/2")) { client in
                try await client.send(RedisCommand("SET", "in", "two"))
                try await client.send(
                    RedisCommand("ACL", "SETUSER", "ana", "on", ">pass/word@", "~*", "+@all"))
                #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).text == "gapura")
            }
            try await withRedisClient(try RedisURL("redis://ana:pass%2Fword%40@\(place)")) { client in
                #expect(try await client.send(RedisCommand("GET", "in")) == .null)
                try await client.send(RedisCommand("SELECT", "2"))
                #expect(try await client.send(RedisCommand("GET", "in")).text == "two")
                #expect(try await client.send(RedisCommand("ACL", "WHOAMI")).text == "ana")
            }
            let folder = try #require(server.folder)
            try await withRedisClient(try RedisURL("unix://:s3cret@\(folder)/redis.sock?db=2")) { client in
                let answer = try await client.send(RedisCommand("GET", "in"))
                #expect(answer.text == "two")
            }
        }
    }

    @Test("says why it does not get in, and never what it was given")
    func refusedAccess() async throws {
        try await RedisServer.withOwn(["--requirepass", "s3cret"]) { server in
            let place = "127.0.0.1:\(server.port)"
            for (text, reason) in [
                ("redis://\(place)", "password"), ("redis://:wr0ng@\(place)", "does not take"),
                ("redis://:s3cret@\(place)/99", "no database 99"),
            ] {
                let log = RecordingLogSink()
                try await withRedisClient(try RedisURL(text), logger: log.logger()) { client in
                    let failure = await #expect(throws: RedisFailure.self) {
                        try await client.send(RedisCommand("PING"))
                    }
                    #expect(failure?.kind == .unavailable)
                    #expect(failure?.reason.contains(reason) == true)
                    #expect(client.status.reason == failure?.reason)
                }
                #expect(log.messages.first == "Redis cannot be reached")
                let written = log.entries.flatMap(\.fields).map { "\($0.value)" }.joined()
                #expect(!written.contains("wr0ng") && !written.contains("s3cret"))
            }
        }
    }

    @Test("speaks TLS with a server that it trusts, and with no other")
    func encrypted() async throws {
        try await withTemporaryFolder { folder in
            let files = try await TestCertificates.make(in: folder)
            let options = [
                "--tls-cert-file", files.certificate, "--tls-key-file", files.key, "--tls-ca-cert-file",
                files.certificate, "--tls-auth-clients", "no",
            ]
            try await RedisServer.withOwn(options) { server in
                let place = "rediss://localhost:\(server.port)"
                try await withRedisClient(try RedisURL("\(place)?ca=\(files.certificate)")) { client in
                    let bytes = SeededRandom(seed: 4).bytes(1_000_000)
                    let answer = try await client.send(RedisCommand("ECHO", .bytes(bytes)))
                    #expect(answer.bytes == bytes)
                }
                for text in ["\(place)?ca=\(files.stranger)", place] {
                    try await withRedisClient(try RedisURL(text)) { client in
                        let failure = await #expect(throws: RedisFailure.self) {
                            try await client.send(RedisCommand("PING"))
                        }
                        #expect(failure?.kind == .unavailable)
                        #expect(failure?.reason.contains("certificate is not trusted") == true)
                    }
                }
            }
        }
    }

    @Test("hears what is published, and that something may have been missed")
    func subscriptions() async throws {
        try await RedisServer.withOwn { server in
            let heard = Watched<[String?]>([])
            let other = Watched<[String?]>([])
            let subscriptions = [
                RedisClient.Subscription("news") { bytes in
                    heard.update { $0.append(bytes.map { String(decoding: $0, as: UTF8.self) }) }
                },
                RedisClient.Subscription("other") { bytes in
                    other.update { $0.append(bytes.map { String(decoding: $0, as: UTF8.self) }) }
                },
            ]
            try await withRedisClient(server.url, .quick, subscriptions) { client in
                await heard.wait { $0 == [nil] }
                for text in ["one", "two"] {
                    #expect(try await client.send(RedisCommand("PUBLISH", "news", .text(text))) == .integer(1))
                }
                await heard.wait { $0 == [nil, "one", "two"] }
                try await server.stop(immediately: true)
                try await server.start()
                await heard.wait { $0 == [nil, "one", "two", nil] }
                await other.wait { $0 == [nil, nil] }
                try await untilConnected(client)
                try await client.send(RedisCommand("PUBLISH", "other", "three"))
                await other.wait { $0 == [nil, nil, "three"] }
                #expect(heard.value.count == 4)
            }
        }
    }
}

extension RedisSettings {
    /// Notices faults soon, and still gives a busy machine time.
    static let quick = RedisSettings(
        connectTimeout: .seconds(20), commandTimeout: .seconds(20), pingAfter: .seconds(60),
        backoffMax: .milliseconds(200))
}

/// Returns when the client has a connection; the time limit of the test is the deadline.
func untilConnected(
    _ client: RedisClient, where isWanted: @escaping @Sendable (RedisStatus) -> Bool = { _ in true }
)
    async throws
{
    let status = Watched(client.status)
    client.observe { new in status.update { $0 = new } }
    await status.wait { $0.isConnected && isWanted($0) }
}

func untilUnreachable(_ client: RedisClient) async -> RedisStatus {
    let status = Watched(client.status)
    client.observe { new in status.update { $0 = new } }
    return await status.wait { !$0.isConnected && $0.reason != nil }
}
