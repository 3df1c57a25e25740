/// How jobs of one queue run.
package struct JobQueue: Sendable, Equatable {
    /// So many jobs may start within a period: all at once, then one after the other as the period passes.
    package struct Rate: Sendable, Equatable {
        package let count: Int
        package let period: Duration

        /// - Parameters:
        ///   - count: 1 or more.
        ///   - period: at least a millisecond for each of `count`.
        package init(_ count: Int, per period: Duration) {
            self.count = count
            self.period = period
        }

        /// From one start to the next in the long run.
        var interval: Duration { period / count }
    }

    package let name: String
    /// How many run at once in each process.
    package let concurrency: Int
    /// How many run at once in the whole installation; nil: what its processes can.
    package let limit: Int?
    /// How often jobs start in the whole installation; nil: as often as they can.
    package let rate: Rate?

    package static let standard = "default"

    package init(_ name: String, concurrency: Int = 10, limit: Int? = nil, rate: Rate? = nil) {
        self.name = name
        self.concurrency = max(concurrency, 1)
        self.limit = limit
        self.rate = rate
    }

    /// Whether processes have to agree on every start.
    var isShared: Bool { limit != nil || rate != nil }
}
