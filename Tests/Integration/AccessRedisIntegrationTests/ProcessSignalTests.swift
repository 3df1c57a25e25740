import ChangeFeeds
import DatabaseSupport
import Lifecycle
import Redis
import RedisSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Signals between processes over Redis", .timeLimit(.minutes(2)))
struct ProcessSignalTests {
    @Test("a process hears what another announces, not what it announces itself")
    func heard() async throws {
        let url = try await RedisServer.shared().url
        let channel = RedisServer.newKey("channel")
        let (left, right) = (RedisSignals(channel: channel, mark: "l"), RedisSignals(channel: channel, mark: "r"))
        let (ofLeft, ofRight) = (Heard(), Heard())
        for (signals, heard) in [(left, ofLeft), (right, ofRight)] {
            for topic in ["one", "two"] { signals.listen(to: topic) { heard.note(topic) } }
        }
        try await withRedisClient(url, .patient, [left.subscription]) { first in
            try await withRedisClient(url, .patient, [right.subscription]) { second in
                left.use(first)
                right.use(second)
                // Each subscribing may have missed something.
                try await until { ofLeft.all.sorted() == ["one", "two"] && ofRight.all.sorted() == ["one", "two"] }
                left.announce("one")
                right.announce("two")
                try await until { ofRight.all.count == 3 && ofLeft.all.count == 3 }
                #expect(ofRight.all.last == "one" && ofLeft.all.last == "two")
            }
        }
    }

    @Test("a feed that would read in an hour reads when another process has committed a change")
    func feed() async throws {
        let url = try await RedisServer.shared().url
        let channel = RedisServer.newKey("channel")
        let (left, right) = (RedisSignals(channel: channel, mark: "l"), RedisSignals(channel: channel, mark: "r"))
        let clock = ManualClock()
        try await withDatabase(.sqlite, []) { database in
            func feed(_ signals: RedisSignals) -> ChangeFeed<Int> {
                ChangeFeed(
                    "numbers", database: database, source: Numbers(), interval: .seconds(3_600), clock: clock,
                    signals: signals, logger: .silent)
            }
            try await database.write { try $0.script("CREATE TABLE numbers (number integer NOT NULL)") }
            let (writer, reader) = (feed(left), feed(right))
            let heard = Heard()
            reader.onChange { for number in $0 { heard.note("\(number)") } }
            try await withRedisClient(url, .patient, [left.subscription]) { first in
                try await withRedisClient(url, .patient, [right.subscription]) { second in
                    left.use(first)
                    right.use(second)
                    try await reader.read()
                    let lifecycle = ServiceLifecycle()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { for service in reader.services { try await service.run(lifecycle) } }
                        try await until { second.status.isConnected }
                        try await database.write { try $0.script("INSERT INTO numbers VALUES (7)") }
                        await writer.committed([NumberedChange(number: 7, change: 7)])
                        try await until { heard.all == ["7"] }
                        lifecycle.requestShutdown(deadline: .now + .seconds(30))
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test("the worker of a queue wakes when another process has put a job into it")
    func jobs() async throws {
        let url = try await RedisServer.shared().url
        let channel = RedisServer.newKey("channel")
        let (left, right) = (RedisSignals(channel: channel, mark: "l"), RedisSignals(channel: channel, mark: "r"))
        let (mails, others) = (JobSignals(right).wakeup(of: "mails"), JobSignals(right).wakeup(of: "others"))
        try await withRedisClient(url, .patient, [left.subscription]) { first in
            try await withRedisClient(url, .patient, [right.subscription]) { second in
                left.use(first)
                right.use(second)
                // Each subscribing may have missed something.
                try await until { mails.isPending && others.isPending }
                for wakeup in [mails, others] { await wakeup.wait(upTo: .zero) }
                try await until { first.status.isConnected }
                JobSignals(left).signal("mails")
                try await until { mails.isPending }
                #expect(!others.isPending)
            }
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

private final class Heard: Sendable {
    private let topics = Mutex<[String]>([])
    var all: [String] { topics.withLock { $0 } }
    func note(_ topic: String) { topics.withLock { $0.append(topic) } }
}

private struct Numbers: ChangeSource {
    let startsEmpty = true
    let retention: Duration? = nil
    let afterGap: [Int] = []

    func changes(
        since _: Timestamp?, at _: Timestamp, in transaction: any SQLTransaction
    ) throws -> [NumberedChange<Int>] {
        try transaction.query("SELECT number FROM numbers") { row in
            let number = try row.integer(0)
            return NumberedChange(number: number, change: number)
        }
    }

    func removal(before _: Timestamp, limit _: Int) -> Statement? { nil }
}
