import Shared

/// The upper bounds by which a histogram sorts its values: whole numbers inside, Prometheus' base unit outside.
package struct HistogramBuckets: Sendable, Equatable {
    /// Room for so many bounds; the last bucket, without a bound, comes on top.
    static let boundsMax = 20

    /// In ascending order, in the recorded unit: nanoseconds or plain numbers.
    let bounds: [Int64]
    /// How many recorded units make one that is shown: 1e9 for durations, 1 for plain numbers.
    let scale: Double

    /// Shown in seconds.
    ///
    /// - Parameter bounds: 1 to 20, ascending.
    package static func durations(_ bounds: [Duration]) -> HistogramBuckets {
        HistogramBuckets(bounds: bounds.map(\.wholeNanoseconds), scale: 1e9)
    }

    /// Plain numbers, such as bytes or entries.
    ///
    /// - Parameter bounds: 1 to 20, ascending.
    package static func numbers(_ bounds: [Int64]) -> HistogramBuckets {
        HistogramBuckets(bounds: bounds, scale: 1)
    }

    /// For requests, statements and calls: 100 µs to 10 s.
    package static let latency = durations(
        [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000].map {
            .microseconds($0)
        } + [.seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10)])

    private init(bounds: [Int64], scale: Double) {
        precondition((1...Self.boundsMax).contains(bounds.count), "a histogram has 1 to \(Self.boundsMax) bounds")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "a histogram's bounds ascend")
        self.bounds = bounds
        self.scale = scale
    }
}

extension Duration {
    /// Cut to what 64 bits hold, 292 years.
    var wholeNanoseconds: Int64 {
        // Up to 18 seconds fit into 64 bits, which are divided far quicker than 128.
        if let attoseconds = UInt64(exactly: attoseconds) { return Int64(attoseconds / 1_000_000_000) }
        let (nanoseconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return components.seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(components.attoseconds / 1_000_000_000)
        return sumOverflow ? (components.seconds < 0 ? .min : .max) : sum
    }
}
