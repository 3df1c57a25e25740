import FoundationEssentials

/// Where the time comes from. Injected, so that a test can move it.
package protocol WallClock: Sendable {
    var now: Timestamp { get }
}

/// The clock of the machine.
package struct SystemWallClock: WallClock {
    package init() {}

    package var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
