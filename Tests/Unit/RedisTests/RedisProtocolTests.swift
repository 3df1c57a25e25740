import TestSupport
import Testing

@testable import Redis

@Suite("Redis' protocol")
struct RedisProtocolTests {
    @Test("writes arguments with their lengths, whatever bytes they hold")
    func commands() {
        let command = RedisCommand("SET", .text("clé"), .bytes([13, 10, 0, 255]), 12)
        #expect(
            command.bytes
                == Array("*4\r\n$3\r\nSET\r\n$4\r\nclé\r\n$4\r\n".utf8) + [13, 10, 0, 255]
                + Array("\r\n$2\r\n12\r\n".utf8))
        let long = RedisCommand([.text("ECHO"), .text(String(repeating: "x", count: 12_345))])
        #expect(String(decoding: long.bytes, as: UTF8.self).hasPrefix("*2\r\n$4\r\nECHO\r\n$12345\r\nxx"))
    }

    @Test("reads replies of all kinds, cut anywhere")
    func replies() throws {
        let text =
            "+OK\r\n:-12\r\n$-1\r\n$3\r\na\r\n\r\n*3\r\n$0\r\n\r\n*1\r\n:7\r\n*-1\r\n-NOSCRIPT No matching script.\r\n"
        let expected: [RedisValue] = [
            .status("OK"), .integer(-12), .null, .bytes([97, 13, 10]),
            .array([.bytes([]), .array([.integer(7)]), .null]),
            .error(RedisErrorReply("NOSCRIPT No matching script.")),
        ]
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            let reader = ReplyReader()
            var values: [RedisValue] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try reader.feed($0) }
                while let value = try reader.next() { values.append(value) }
            }
            #expect(values == expected)
        }
    }

    @Test(
        "is not read on after bytes that are no reply", arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "*1\r\n?\r\n"])
    func noise(text: String) throws {
        let reader = ReplyReader()
        try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
        var failure: RedisFailure?
        do throws(RedisFailure) {
            while try reader.next() != nil {}
        } catch {
            failure = error
        }
        #expect(failure != nil)
    }

    @Test("an error's text leaves out the arguments that the server quotes")
    func errors() {
        let reply = RedisErrorReply("ERR unknown command `HELLO`, with args beginning with: `2`, `AUTH`, `s3cret`, ")
        #expect(reply.code == "ERR")
        #expect(reply.message == "ERR unknown command `HELLO`")
    }

    @Test(
        "takes a server that is recent enough, the master, and no member of a cluster",
        arguments: [
            ("7.0.15", "standalone", "master", true), ("6.2.0", "standalone", "master", true),
            ("10.0", "standalone", "master", true), ("6.0.16", "standalone", "master", false),
            ("7.2", "standalone", "replica", false), ("7.2", "cluster", "master", false),
            ("7.2", "sentinel", "master", false), ("", "standalone", "master", false),
        ])
    func greeting(version: String, mode: String, role: String, isAccepted: Bool) {
        let answer = RedisValue.array(
            ["server", "redis", "version", version, "mode", mode, "role", role].map { .bytes(Array($0.utf8)) })
        #expect((RedisGreeting(answer, mustBeMaster: true) == .accepted) == isAccepted)
    }

    @Test("a script is named by the SHA-1 of its text")
    func digest() {
        #expect(RedisScript("return 1").digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }

    @Test("what waits for answers is kept in order", arguments: [1, 2] as [UInt64])
    func queue(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = Queue<Int>()
        var model: [Int] = []
        for number in 0..<20_000 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                queue.append(number)
                model.append(number)
            case 2 where !model.isEmpty:
                #expect(queue.popFirst() == model.first)
                if number % 2 == 0 { queue.prepend(model[0]) } else { model.removeFirst() }
            default:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count && queue.first == model.first)
        }
        #expect(Array(queue.all) == model)
        #expect(queue.takeAll() == model && queue.isEmpty)
    }
}
