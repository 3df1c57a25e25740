import EventLoop
import Shared
import TestSupport
import Testing

@Suite("A connection of the event loop", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("brings every byte there and back, also more than a socket takes at once", arguments: Wire.allCases)
    func echo(wire: Wire) async throws {
        try await wire.with { server, client in
            try await withLoop { loop in
                let sent = pattern(5_000_000)
                let port = try await loop.listen(.echo, tls: server)
                let story = try await loop.connect(
                    to: port, tls: client,
                    Peer.Hooks(opened: {
                        $0.write(sent)
                        $0.finishOutput()
                    }))
                let end = await story.wait { $0.isEnded }
                #expect(end.bytes == sent)
                #expect(end.hasInputEnded)
                #expect(end.ends.count == 1 && end.failure == nil)
            }
        }
    }

    @Test("keeps what the socket does not take, says that it is congested and when it is not", arguments: Wire.allCases)
    func partialWrites(wire: Wire) async throws {
        try await wire.with { server, client in
            try await withLoop { loop in
                let sent = pattern(8_000_000)
                let isCongested = Watched<Bool?>(nil)
                let received = Watched(Story())
                let port = try await loop.listen(Peer.Hooks(), tls: server, received)
                let story = try await loop.connect(
                    to: port, tls: client,
                    Peer.Hooks(opened: { connection in
                        connection.write(sent)
                        isCongested.update { $0 = connection.isCongested && connection.waitingBytes > 0 }
                    }))
                #expect(await received.wait { $0.bytes.count == sent.count }.bytes == sent)
                await story.wait { $0.drains > 0 }
                #expect(isCongested.value == true)
            }
        }
    }

    @Test("that is not read from makes the writer wait, in bounded memory", arguments: Wire.allCases)
    func backPressure(wire: Wire) async throws {
        try await wire.with { server, client in
            try await withLoop { loop in
                let total = 20_000_000
                let left = Watched((unsent: total, waitingMax: 0))
                @Sendable func feed(_ connection: Connection) {
                    while !connection.isCongested, left.value.unsent > 0 {
                        let piece = [UInt8](repeating: 7, count: min(10_000, left.value.unsent))
                        connection.write(piece)
                        left.update { $0 = ($0.unsent - piece.count, max($0.waitingMax, connection.waitingBytes)) }
                    }
                }
                let port = try await loop.listen(Peer.Hooks(opened: feed, drained: feed), tls: server)
                let reader = Watched<Reader?>(nil)
                let story = try await loop.connect(
                    to: port, tls: client,
                    Peer.Hooks(opened: { connection in
                        connection.pauseReading()
                        reader.update { $0 = Reader(connection: connection) }
                    }))
                // The writer has stopped in the middle: buffers of both sides are full.
                await left.wait { $0.waitingMax > 65_536 }
                #expect(left.value.unsent > 0)
                #expect(story.value.bytes.count < total)
                let paused = try #require(reader.value)
                try await loop.run { _ in paused.connection.resumeReading() }
                #expect(await story.wait { $0.bytes.count == total }.bytes.allSatisfy { $0 == 7 })
                #expect(left.value.waitingMax < 200_000)
            }
        }
    }

    @Test("may end one direction and go on in the other", arguments: Wire.allCases)
    func halfClose(wire: Wire) async throws {
        try await wire.with { server, client in
            try await withLoop { loop in
                let question = pattern(300_000)
                let answer = pattern(900_000, seed: 2)
                let asked = Watched(Story())
                let port = try await loop.listen(
                    Peer.Hooks(inputEnded: { connection in
                        // Only a whole question is answered.
                        if asked.value.bytes == question { connection.write(answer) }
                        connection.finishOutput()
                    }), tls: server, asked)
                let story = try await loop.connect(
                    to: port, tls: client,
                    Peer.Hooks(opened: {
                        $0.write(question)
                        $0.finishOutput()
                        $0.write([1, 2, 3])
                    }))
                let end = await story.wait { $0.isEnded }
                #expect(end.bytes == answer)
                #expect(end.failure == nil)
                let other = await asked.wait { $0.isEnded }
                #expect(other.ends.count == 1 && other.failure == nil)
            }
        }
    }

    @Test("tells that the other side left while nothing was read, and keeps what it had sent")
    func leaving() async throws {
        try await withLoop { loop in
            let server = Watched(Story())
            let reader = Watched<Reader?>(nil)
            let port = try await loop.listen(
                Peer.Hooks(opened: { connection in
                    connection.pauseReading()
                    reader.update { $0 = Reader(connection: connection) }
                }), server)
            _ = try await loop.connect(
                to: port,
                Peer.Hooks(opened: {
                    $0.write([1, 2, 3])
                    $0.finishOutput()
                }))
            #expect(await server.wait { $0.hasPeerLeft }.bytes == [])
            let paused = try #require(reader.value)
            try await loop.run { _ in paused.connection.resumeReading() }
            let end = await server.wait { $0.isEnded }
            #expect(end.bytes == [1, 2, 3])
            #expect(end.hasInputEnded && end.failure == nil)
        }
    }

    @Test("is told once, and with the reason, that the other side broke it off", arguments: Wire.allCases)
    func reset(wire: Wire) async throws {
        try await wire.with { server, client in
            try await withLoop { loop in
                // Closing with bytes unread is a reset.
                let port = try await loop.listen(
                    Peer.Hooks(received: { _, connection in connection.close() }), tls: server)
                let story = try await loop.connect(
                    to: port, tls: client,
                    Peer.Hooks(opened: { $0.write(pattern(4_000_000)) }, inputEnded: { _ in }))
                let end = await story.wait { $0.isEnded }
                #expect(end.ends.count == 1)
                #expect(end.failure?.kind == .lost)
            }
        }
    }

    @Test("of thousands at once does not mix with the others")
    func thousands() async throws {
        raiseDescriptorLimit()
        try await withLoop { servers in
            try await withLoop { clients in
                let port = try await servers.listen(.echo)
                var stories: [Watched<Story>] = []
                for number in 0..<2_000 {
                    let text = Array("connection \(number)".utf8)
                    stories.append(try await clients.connect(to: port, Peer.Hooks(opened: { $0.write(text) })))
                }
                for (number, story) in stories.enumerated() {
                    let text = Array("connection \(number)".utf8)
                    let now = await story.wait { $0.bytes.count >= text.count || $0.isEnded }
                    #expect(now.bytes == text && !now.isEnded)
                }
                #expect(try await servers.run { $0.watchedCount } == 2_001)
            }
        }
    }

    @Test("ends when its loop does, once, and the loop takes nothing any more")
    func orderlyEnd() async throws {
        let (server, port) = (Watched(Story()), Watched(0))
        let (story, ended) = try await withLoop { loop in
            let number = try await loop.listen(.echo, server)
            port.update { $0 = number }
            let story = try await loop.connect(to: number, Peer.Hooks(opened: { $0.write([1]) }))
            await story.wait { $0.bytes == [1] }
            return (story, loop.loop)
        }
        for story in [story, server] {
            #expect(story.value.ends.count == 1)
        }
        #expect(story.value.failure?.kind == .stopped || server.value.failure?.kind == .stopped)
        #expect(!ended.execute { Issue.record("ran after the end") })
        try await withLoop { loop in
            let refused = try await loop.connect(to: port.value)
            #expect(await refused.wait { $0.isEnded }.failure?.kind == .refused)
        }
    }
}

/// Hands a connection to a later call on its loop.
struct Reader: @unchecked Sendable {
    // Sendable: used on its loop only.
    let connection: Connection
}
