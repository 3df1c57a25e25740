import Shared
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

@Suite("Several mail servers in order")
struct SMTPFailoverTests {
    /// What a server does with mails, as the test says.
    private final class ServerDouble: Sendable {
        private let answer = Mutex<(any Error)?>(nil)
        private let count = Mutex(0)

        var attempts: Int { count.withLock { $0 } }

        func fail(with error: (any Error)?) { answer.withLock { $0 = error } }

        @Sendable func send(_: MailMessage) async throws {
            count.withLock { $0 += 1 }
            if let error = answer.withLock({ $0 }) { throw error }
        }
    }

    private let first = ServerDouble()
    private let second = ServerDouble()
    private let clock = ManualClock()
    private let log = RecordingLogSink()

    private func failover(alone: Bool = false) -> SMTPFailover {
        let servers = [SMTPFailover.Server("one", send: first.send), SMTPFailover.Server("two", send: second.send)]
        return SMTPFailover(
            alone ? [servers[0]] : servers, pause: .seconds(60), clock: clock, logger: log.logger())
    }

    private static func failure(_ stage: SMTPStage, _ code: Int? = nil, _ status: String? = nil) -> SMTPFailure {
        SMTPFailure(stage: stage, reply: code.map { SMTPReply(code: $0, enhancedStatus: status) }, cause: "a time-out")
    }

    private static let message = MailMessage(
        id: SequentialIdentifiers.identifier(1), from: Mailbox(address: EmailAddress("a@example.com")!),
        to: EmailAddress("ana@example.com")!, subject: "S", text: "T", html: "H", date: Timestamp(seconds: 0))

    @Test("the first server takes what it can")
    func firstTakes() async throws {
        let failover = failover()
        #expect(try await failover.send(Self.message) == "one")
        #expect(second.attempts == 0)
        #expect(failover.count(.taken, of: "one") == 1)
    }

    @Test(
        "a server that fails hands over, and is left alone until the pause is over",
        arguments: [
            failure(.connection), failure(.connection, 421), failure(.connection, 554), failure(.security),
            failure(.authentication, 454), failure(.authentication, 535), failure(.sender, 451), failure(.recipient),
            failure(.recipient, 421), failure(.data, 421),
        ])
    func handsOver(_ failure: SMTPFailure) async throws {
        let failover = failover()
        first.fail(with: failure)
        for _ in 1...3 { #expect(try await failover.send(Self.message) == "two") }
        #expect(first.attempts == 1)
        #expect(!failover.isWorking("one") && failover.isWorking("two"))
        #expect(failover.health == "degraded")
        #expect(failover.count(.failed, of: "one") == 1)
        #expect(log.messages == ["a mail server failed and is left alone for a while"])
        first.fail(with: nil)
        clock.advance(by: .seconds(60))
        #expect(try await failover.send(Self.message) == "one")
        #expect(try await failover.send(Self.message) == "one")
        #expect(failover.health == "ok")
    }

    @Test("after the pause one mail tries; if it fails, the pause begins anew")
    func probe() async throws {
        let failover = failover()
        first.fail(with: Self.failure(.connection))
        _ = try await failover.send(Self.message)
        clock.advance(by: .seconds(60))
        for _ in 1...3 { #expect(try await failover.send(Self.message) == "two") }
        #expect(first.attempts == 2)
    }

    @Test(
        "what is about the mail or its reader is not asked of another server",
        arguments: [
            failure(.recipient, 550, "5.1.1"), failure(.recipient, 451, "4.2.0"), failure(.recipient, 552, "5.2.2"),
            failure(.data, 554), failure(.data, 451),
        ])
    func aboutTheMail(_ failure: SMTPFailure) async throws {
        let failover = failover()
        first.fail(with: failure)
        await #expect(throws: failure) { try await failover.send(Self.message) }
        #expect(second.attempts == 0)
        #expect(failover.isWorking("one"))
        #expect(failover.count(.refused, of: "one") == 1)
    }

    @Test("a mail whose end was not answered is not sent by another server at once: it may be there")
    func mayHaveArrived() async throws {
        let failover = failover()
        let failure = Self.failure(.data)
        first.fail(with: failure)
        await #expect(throws: failure) { try await failover.send(Self.message) }
        #expect(second.attempts == 0)
        #expect(try await failover.send(Self.message) == "two")
        #expect(first.attempts == 1)
    }

    @Test("if all fail, the last failure is told; then nobody is asked for a while")
    func allFail() async throws {
        let failover = failover()
        let last = Self.failure(.authentication, 535)
        first.fail(with: Self.failure(.connection))
        second.fail(with: last)
        await #expect(throws: last) { try await failover.send(Self.message) }
        await #expect(throws: Unavailable.self) { try await failover.send(Self.message) }
        #expect(first.attempts + second.attempts == 2)
        #expect(failover.health == "failing")
    }

    @Test("a server alone is asked every time")
    func alone() async throws {
        let failover = failover(alone: true)
        let failure = Self.failure(.connection)
        first.fail(with: failure)
        for _ in 1...3 { await #expect(throws: failure) { try await failover.send(Self.message) } }
        #expect(first.attempts == 3)
        #expect(failover.health == "failing")
    }

    @Test("a mail that was cancelled says nothing about its server")
    func cancelled() async throws {
        let failover = failover()
        first.fail(with: CancellationError())
        await #expect(throws: CancellationError.self) { try await failover.send(Self.message) }
        #expect(second.attempts == 0)
        #expect(failover.isWorking("one"))
    }
}
