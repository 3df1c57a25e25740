import Shared
import Synchronization

/// Remembers what was loaded, by key. Bounded: two halves, of which the older is dropped when the younger is full; what
/// is in use moves to the younger. Of many who miss the same key one loads, and the others wait for him.
final class LoadingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// What a load gave.
    struct Loaded: Sendable {
        /// Nil: there is none.
        let value: Value?
        /// When to load again; nil for not before it is forgotten.
        let expiresAt: Timestamp?
    }

    private typealias Waiter = CheckedContinuation<Loaded, any Error>

    private struct State {
        var younger: [Key: Loaded] = [:]
        var older: [Key: Loaded] = [:]
        /// Who waits for which load; a load whose key is not here (any more) has nobody to tell and stores nothing.
        var loads: [Key: (number: UInt64, waiters: [Waiter])] = [:]
        var lastLoad: UInt64 = 0

        /// - Returns: who waited for one of them.
        mutating func removeLoads() -> [Waiter] {
            defer { loads = [:] }
            return loads.values.flatMap(\.waiters)
        }
    }

    private enum Turn {
        case found(Loaded)
        case load(UInt64)
        case wait
    }

    private let state = Mutex(State())
    private let halfCapacity: Int

    init(capacity: Int) {
        halfCapacity = max(1, capacity / 2)
    }

    /// What is remembered and has not expired. Never waits.
    func find(_ key: Key, at now: Timestamp) -> Loaded? {
        state.withLock { Self.find(key, at: now, in: &$0, halfCapacity) }
    }

    /// - Parameter load: what it began to read before `forget` is not remembered.
    func value(_ key: Key, at now: Timestamp, _ load: () async throws -> Loaded) async throws -> Value? {
        while true {
            switch takeTurn(key, at: now) {
            case .found(let loaded): return loaded.value
            case .load(let number): return try await run(load, number, key).value
            case .wait:
                do {
                    return try await withCheckedThrowingContinuation { join($0, key, at: now) }.value
                } catch is CancellationError where !Task.isCancelled {
                    // The one who loaded gave up, not we.
                    continue
                }
            }
        }
    }

    func forget(_ key: Key) {
        let waiters = state.withLock { state in
            state.younger[key] = nil
            state.older[key] = nil
            return state.loads.removeValue(forKey: key)?.waiters ?? []
        }
        Self.turnAway(waiters)
    }

    func forgetAll() {
        let waiters = state.withLock { state in
            state.younger = [:]
            state.older = [:]
            return state.removeLoads()
        }
        Self.turnAway(waiters)
    }

    /// Forgets those for which `isStale` holds, and every load under way.
    func forget(where isStale: (Value) -> Bool) {
        let waiters = state.withLock { state in
            state.younger = state.younger.filter { entry in entry.value.value.map { !isStale($0) } ?? true }
            state.older = state.older.filter { entry in entry.value.value.map { !isStale($0) } ?? true }
            return state.removeLoads()
        }
        Self.turnAway(waiters)
    }

    var count: Int { state.withLock { $0.younger.count + $0.older.count } }

    /// Who waits for a load that is stale now looks again.
    private static func turnAway(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.resume(throwing: CancellationError()) }
    }

    private func takeTurn(_ key: Key, at now: Timestamp) -> Turn {
        state.withLock { state in
            if let loaded = Self.find(key, at: now, in: &state, halfCapacity) { return .found(loaded) }
            if state.loads[key] != nil { return .wait }
            state.lastLoad += 1
            state.loads[key] = (state.lastLoad, [])
            return .load(state.lastLoad)
        }
    }

    private func join(_ waiter: Waiter, _ key: Key, at now: Timestamp) {
        let answer: Result<Loaded, any Error>? = state.withLock { state in
            if state.loads[key] != nil {
                state.loads[key]?.waiters.append(waiter)
                return nil
            }
            // It ended between the two locks.
            return Self.find(key, at: now, in: &state, halfCapacity).map { .success($0) }
                ?? .failure(CancellationError())
        }
        if let answer { waiter.resume(with: answer) }
    }

    private func run(_ load: () async throws -> Loaded, _ number: UInt64, _ key: Key) async throws -> Loaded {
        let result: Result<Loaded, any Error>
        do {
            result = .success(try await load())
        } catch {
            result = .failure(error)
        }
        let waiters = state.withLock { state in
            guard state.loads[key]?.number == number else { return [Waiter]() }
            if case .success(let loaded) = result { Self.insert(loaded, key, into: &state, halfCapacity) }
            return state.loads.removeValue(forKey: key)?.waiters ?? []
        }
        for waiter in waiters { waiter.resume(with: result) }
        return try result.get()
    }

    private static func find(_ key: Key, at now: Timestamp, in state: inout State, _ capacity: Int) -> Loaded? {
        if let loaded = state.younger[key] {
            return loaded.isGood(at: now) ? loaded : nil
        }
        guard let loaded = state.older.removeValue(forKey: key), loaded.isGood(at: now) else { return nil }
        insert(loaded, key, into: &state, capacity)
        return loaded
    }

    private static func insert(_ loaded: Loaded, _ key: Key, into state: inout State, _ capacity: Int) {
        if state.younger.count >= capacity, state.younger[key] == nil {
            state.older = state.younger
            state.younger = [:]
        }
        state.younger[key] = loaded
    }
}

extension LoadingCache.Loaded {
    fileprivate func isGood(at now: Timestamp) -> Bool { expiresAt.map { now < $0 } ?? true }
}
