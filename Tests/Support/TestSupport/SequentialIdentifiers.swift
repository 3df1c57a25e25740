import Shared
import Synchronization

/// Identifiers that count up: `01900000-0000-7000-8000-000000000001` and so on.
package final class SequentialIdentifiers: IdentifierSource {
    private let last = Mutex<UInt64>(0)

    package init() {}

    package func next() -> Identifier {
        Self.identifier(
            last.withLock { last in
                last += 1
                return last
            })
    }

    /// The identifier that `next` gives at its `number`th call, from 1.
    package static func identifier(_ number: UInt64) -> Identifier {
        Identifier(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
    }
}
