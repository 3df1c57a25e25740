import Synchronization

/// Where new identifiers come from. Injected, so that a scenario can be replayed.
package protocol IdentifierSource: Sendable {
    func next() -> Identifier
}

extension IdentifierSource {
    package func next<ID: EntityID>(_: ID.Type = ID.self) -> ID { ID(next()) }
}

/// UUIDv7 (RFC 9562 § 5.7): milliseconds, a 12-bit counter that keeps one process's identifiers in order
/// (method 1 of § 6.2), 62 random bits.
package final class TimeOrderedIdentifierSource: IdentifierSource {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
        /// Random words that no identifier has yet.
        var noise: [UInt64] = []
    }

    /// How many words are asked for at once: a system call for each would cost more than all the rest.
    private static let noiseCount = 64

    private let clock: any WallClock
    private let random: any RandomSource
    private let state = Mutex(State())

    package init(clock: any WallClock = SystemWallClock(), random: any RandomSource = SystemRandomSource()) {
        self.clock = clock
        self.random = random
    }

    package func next() -> Identifier {
        let now = UInt64(max(0, clock.now.milliseconds))
        return state.withLock { state in
            if now > state.milliseconds {
                state.milliseconds = now
                state.counter = 0
            } else if state.counter < 0xFFF {
                state.counter += 1
            } else {
                state.milliseconds += 1
                state.counter = 0
            }
            let noise = state.noise.popLast() ?? refill(&state.noise)
            return Identifier(
                high: state.milliseconds << 16 | 0x7000 | state.counter,
                low: 0x8000_0000_0000_0000 | noise >> 2)
        }
    }

    /// - Returns: one more word, which stays out of the store.
    private func refill(_ noise: inout [UInt64]) -> UInt64 {
        let bytes = random.bytes(8 * Self.noiseCount)
        let words = stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        noise.append(contentsOf: words.dropFirst())
        return words[0]
    }
}
