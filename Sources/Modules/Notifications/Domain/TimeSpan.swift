/// A duration as people say it: a number of one unit, rounded down, so that nothing promised is too long.
package struct TimeSpan: Sendable, Equatable {
    package enum Unit: String, Sendable, CaseIterable {
        case days, hours, minutes
    }

    /// 1 or more.
    package let count: Int
    package let unit: Unit

    /// Days from three on, hours from two on or if it is exactly one, else minutes.
    package init(_ duration: Duration) {
        let minutes = Int(max(1, duration.components.seconds / 60))
        switch minutes {
        case (72 * 60)...: (count, unit) = (minutes / (24 * 60), .days)
        case 60, 120...: (count, unit) = (minutes / 60, .hours)
        default: (count, unit) = (minutes, .minutes)
        }
    }
}
