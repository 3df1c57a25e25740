import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("What is loaded once")
struct LoadingCacheTests {
    private let cache = LoadingCache<Int, String>(capacity: 100)
    private let now = Timestamp(seconds: 1_790_000_000)

    /// A load that waits until it is let go.
    private final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))
        let entered = Recorder<Int>()

        func pass(_ number: Int = 0) async {
            entered.add(number)
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiters.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiters = state.withLock { state in
                state.isOpen = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    @Test("it is loaded once, until it expires; what is not there too")
    func once() async throws {
        let loads = Recorder<Int>()
        func load(_ value: String?, at moment: Timestamp) async throws -> String? {
            try await cache.value(1, at: moment) {
                loads.add(1)
                return .init(value: value, expiresAt: moment + .seconds(1))
            }
        }
        #expect(try await load("a", at: now) == "a")
        #expect(try await load("b", at: now + .milliseconds(999)) == "a")
        #expect(try await load(nil, at: now + .seconds(1)) == nil)
        #expect(try await load("c", at: now + .milliseconds(1_999)) == nil)
        #expect(loads.all.count == 2)
    }

    @Test("of many who miss the same key one loads, and the others wait for him")
    func singleFlight() async throws {
        let gate = Gate()
        try await withThrowingTaskGroup(of: String?.self) { group in
            defer { gate.open() }
            for number in 0..<20 {
                group.addTask {
                    try await cache.value(1, at: now) {
                        await gate.pass(number)
                        return .init(value: "a", expiresAt: nil)
                    }
                }
            }
            try await until { !gate.entered.all.isEmpty }
            gate.open()
            for try await value in group { #expect(value == "a") }
        }
        #expect(gate.entered.all.count == 1)
    }

    @Test("a failure goes to all who wait; the next one tries again")
    func failure() async throws {
        let gate = Gate()
        let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { gate.open() }
            for _ in 0..<5 {
                group.addTask {
                    do {
                        _ = try await cache.value(1, at: now) {
                            await gate.pass()
                            throw Unavailable("database", reason: "gone")
                        }
                        return false
                    } catch {
                        return error is Unavailable
                    }
                }
            }
            try await until { !gate.entered.all.isEmpty }
            gate.open()
            var count = 0
            for try await hasFailed in group where hasFailed { count += 1 }
            return count
        }
        #expect(failures == 5)
        #expect(try await cache.value(1, at: now) { .init(value: "a", expiresAt: nil) } == "a")
    }

    @Test(
        "what began to load before it was forgotten is not remembered; who waits for it looks again",
        arguments: [0, 1, 2])
    func forgotten(_ way: Int) async throws {
        let gate = Gate()
        let (cache, now) = (cache, now)
        let first = Task {
            try await cache.value(1, at: now) {
                await gate.pass(1)
                return .init(value: "old", expiresAt: nil)
            }
        }
        try await until { gate.entered.all == [1] }
        let second = Task {
            try await cache.value(1, at: now) {
                gate.entered.add(2)
                return .init(value: "new", expiresAt: nil)
            }
        }
        // Whether it waits already or comes after the change, it must see what is new.
        await Task.yield()
        switch way {
        case 0: cache.forget(1)
        case 1: cache.forgetAll()
        default: cache.forget { _ in false }
        }
        #expect(try await second.value == "new")
        gate.open()
        #expect(try await first.value == "old")
        #expect(cache.find(1, at: now)?.value == "new")
    }

    @Test("who gives up takes nobody along")
    func cancelled() async throws {
        let gate = Gate()
        let (cache, now) = (cache, now)
        let first = Task {
            try await cache.value(1, at: now) {
                await gate.pass(1)
                try Task.checkCancellation()
                return .init(value: "first", expiresAt: nil)
            }
        }
        try await until { gate.entered.all == [1] }
        let second = Task { try await cache.value(1, at: now) { .init(value: "second", expiresAt: nil) } }
        await Task.yield()
        first.cancel()
        gate.open()
        #expect(try await second.value == "second")
        await #expect(throws: CancellationError.self) { try await first.value }
    }

    @Test("it holds only so much; what is in use stays")
    func bounded() async throws {
        for number in 0..<1_000 {
            _ = try await cache.value(number, at: now) { .init(value: "\(number)", expiresAt: nil) }
            #expect(cache.find(0, at: now)?.value == "0")
        }
        #expect(cache.count <= 100)
        #expect(cache.find(1, at: now) == nil)
    }

    @Test("what is stale by its value is forgotten, and nothing else")
    func byValue() async throws {
        for number in 0..<4 {
            _ = try await cache.value(number, at: now) { .init(value: "\(number % 2)", expiresAt: nil) }
        }
        cache.forget { $0 == "1" }
        #expect((0..<4).map { cache.find($0, at: now) != nil } == [true, false, true, false])
    }
}
