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
    }

    private let clock: any WallClock
    private let random: any RandomSource
    private let state = Mutex(State())

    package init(clock: any WallClock = SystemWallClock(), random: any RandomSource = SystemRandomSource()) {
        self.clock = clock
        self.random = random
    }

    package func next() -> Identifier {
        let now = UInt64(max(0, clock.now.milliseconds))
        let noise = random.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let stamp: State = state.withLock { state in
            if now > state.milliseconds {
                state = State(milliseconds: now)
            } else if state.counter < 0xFFF {
                state.counter += 1
            } else {
                state = State(milliseconds: state.milliseconds + 1)
            }
            return state
        }
        return Identifier(
            high: stamp.milliseconds << 16 | 0x7000 | stamp.counter,
            low: 0x8000_0000_0000_0000 | noise >> 2)
    }
}
