import Synchronization

/// How values are spread over fixed buckets. Recording is a short search and two atomic additions.
package final class Histogram: Sendable {
    private let buckets: HistogramBuckets
    /// One count per bound and one for what is above the last.
    private let counts = InlineArray<21, Atomic<UInt64>> { _ in Atomic(0) }
    private let sum = Atomic<Int64>(0)

    init(_ buckets: HistogramBuckets) {
        self.buckets = buckets
    }

    /// Records a duration, into a histogram of durations.
    package func record(_ duration: Duration) {
        record(duration.wholeNanoseconds)
    }

    /// Records a number in the unit of the buckets: plain, or nanoseconds in a histogram of durations.
    package func record(_ value: Int64) {
        let bucket = buckets.bounds.firstIndex { value <= $0 } ?? buckets.bounds.count
        counts[bucket].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// How many values were at most this bound, for every bound, then all of them.
    struct Snapshot {
        let cumulative: [(bound: Double?, count: UInt64)]
        let sum: Double
        var count: UInt64 { cumulative.last?.count ?? 0 }
    }

    /// The buckets agree with each other; the sum may already have a value that they have not, or lack one.
    var snapshot: Snapshot {
        var total: UInt64 = 0
        var cumulative: [(bound: Double?, count: UInt64)] = []
        for index in 0...buckets.bounds.count {
            total &+= counts[index].load(ordering: .relaxed)
            let bound = index < buckets.bounds.count ? Double(buckets.bounds[index]) / buckets.scale : nil
            cumulative.append((bound, total))
        }
        return Snapshot(cumulative: cumulative, sum: Double(sum.load(ordering: .relaxed)) / buckets.scale)
    }
}
