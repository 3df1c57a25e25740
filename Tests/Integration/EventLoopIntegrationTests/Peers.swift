import EventLoop
import ServerSupport
import Shared
import TestSupport

/// What a connection told its owner.
struct Story: Sendable {
    var isOpen = false
    var bytes: [UInt8] = []
    var hasInputEnded = false
    var hasPeerLeft = false
    var drains = 0
    var ends: [ConnectionFailure?] = []

    var isEnded: Bool { !ends.isEmpty }
    var failure: ConnectionFailure? { ends.first.flatMap { $0 } }
}

/// Writes down what happens, and does what the test wants then.
final class Peer: ConnectionHandler {
    let story: Watched<Story>
    private let hooks: Hooks

    struct Hooks: Sendable {
        var opened: @Sendable (Connection) -> Void = { _ in }
        var received: @Sendable (UnsafeRawBufferPointer, Connection) -> Void = { _, _ in }
        var inputEnded: @Sendable (Connection) -> Void = { $0.close() }
        var drained: @Sendable (Connection) -> Void = { _ in }
    }

    init(_ story: Watched<Story> = Watched(Story()), _ hooks: Hooks = Hooks()) {
        self.story = story
        self.hooks = hooks
    }

    func opened(_ connection: Connection) {
        story.update { $0.isOpen = true }
        hooks.opened(connection)
    }

    func received(_ bytes: UnsafeRawBufferPointer, from connection: Connection) {
        story.update { $0.bytes.append(contentsOf: bytes) }
        hooks.received(bytes, connection)
    }

    func inputEnded(_ connection: Connection) {
        story.update { $0.hasInputEnded = true }
        hooks.inputEnded(connection)
    }

    func drained(_ connection: Connection) {
        story.update { $0.drains += 1 }
        hooks.drained(connection)
    }

    func peerLeft(_: Connection) { story.update { $0.hasPeerLeft = true } }

    func ended(_: Connection, _ failure: ConnectionFailure?) { story.update { $0.ends.append(failure) } }
}

extension Peer.Hooks {
    /// Sends back what comes, and reads no more while the other side does not read.
    static let echo = Peer.Hooks(
        received: { bytes, connection in
            connection.write(bytes)
            if connection.isCongested { connection.pauseReading() }
        },
        inputEnded: { $0.finishOutput() },
        drained: { $0.resumeReading() })
}

/// A loop with helpers of tests.
struct TestLoop: Sendable {
    let loop: EventLoop

    /// Runs on the loop.
    func run<T: Sendable>(_ body: @escaping @Sendable (EventLoop) throws -> T) async throws -> T {
        let loop = loop
        return try await withCheckedThrowingContinuation { continuation in
            let isAccepted = loop.execute { continuation.resume(with: Result { try body(loop) }) }
            if !isAccepted { continuation.resume(throwing: InternalFailure("the loop has ended")) }
        }
    }

    /// - Returns: the port of a server whose connections do what the hooks say and tell their stories in `story`.
    func listen(
        _ hooks: Peer.Hooks, tls: TLSContext? = nil, host: NetworkAddress = .loopback,
        _ story: Watched<Story> = Watched(Story())
    ) async throws -> Int {
        try await run { try Listener($0, host, port: 0, tls: tls) { Peer(story, hooks) }.port }
    }

    /// - Returns: the story of a new client connection.
    func connect(
        to port: Int, host: String = "127.0.0.1", tls: TLSContext? = nil, timeout: Duration = .seconds(60),
        _ hooks: Peer.Hooks = Peer.Hooks()
    ) async throws -> Watched<Story> {
        let story = Watched(Story())
        try await run { loop in
            _ = Connection.connect(
                loop, to: .tcp(host: host, port: port), tls: tls, timeout: timeout, handler: Peer(story, hooks))
        }
        return story
    }
}

func withLoop<T>(
    clock: any MonotonicClock = SystemMonotonicClock(), _ body: (TestLoop) async throws -> T
) async throws -> T {
    let loop = try EventLoop(clock: clock)
    try loop.start("test-loop")
    let result: Result<T, any Error>
    do {
        result = .success(try await body(TestLoop(loop: loop)))
    } catch {
        result = .failure(error)
    }
    loop.stop()
    await loop.join()
    return try result.get()
}

/// Both sides of TLS, or none.
enum Wire: String, CaseIterable, Sendable {
    case plain, tls

    func with<T>(_ body: (_ server: TLSContext?, _ client: TLSContext?) async throws -> T) async throws -> T {
        guard self == .tls else { return try await body(nil, nil) }
        return try await withTemporaryFolder { folder in
            let files = try await TestCertificates.make(in: folder)
            return try await body(
                try TLSContext(certificateFile: files.certificate, keyFile: files.key),
                try TLSContext(trusting: .file(files.certificate)))
        }
    }
}

/// Bytes that a test knows.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] { SeededRandom(seed: seed).bytes(count) }
