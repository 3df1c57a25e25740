import Shared
import Telemetry

/// Measures every request by its route, and logs it at debug level.
package struct Observation: Middleware {
    /// A class, so that it is not copied for every request.
    private final class Series: Sendable {
        let duration: Histogram
        /// By the status' first digit, from 1 to 5.
        let classes: [Counter]

        init(duration: Histogram, classes: [Counter]) {
            self.duration = duration
            self.classes = classes
        }
    }

    private let known: [Route.Identity: Series]
    private let unmatched: Series
    private let logger: Logger

    /// - Parameter routes: the router's; requests of other paths are counted together.
    package init(routes: [Route], metrics: Metrics, logger: Logger) {
        func series(_ method: String, _ path: String) -> Series {
            let classes = (1...5).map { digit in
                metrics.counter(
                    "http_requests_total", help: "Answered requests.",
                    labels: ["method": method, "route": path, "status": "\(digit)xx"])
            }
            let duration = metrics.histogram(
                "http_request_duration_seconds", help: "From the whole request to its answer.",
                labels: ["method": method, "route": path])
            return Series(duration: duration, classes: classes)
        }
        known = Dictionary(
            routes.map { ($0.identity, series($0.method.rawValue, $0.path.description)) }
        ) { first, _ in first }
        unmatched = series("", "unmatched")
        self.logger = logger
    }

    package func complete(_ response: inout Response, to request: Request, _ match: RouteTable.Match) {
        let duration = ContinuousClock.now - request.start
        let series = series(of: match)
        series.duration.record(duration)
        series.classes[min(max(response.status / 100, 1), 5) - 1].increment()
        guard logger.level == .debug else { return }
        logger.debug(
            "request",
            [
                "method": .text(request.method.rawValue), "route": .text(Self.path(of: match)),
                "status": LogValue(response.status), "request_id": .text(request.id),
                "microseconds": LogValue(Int(duration / .microseconds(1))),
            ])
    }

    private func series(of match: RouteTable.Match) -> Series {
        guard case .found(let route, _) = match else { return unmatched }
        return known[route.identity] ?? unmatched
    }

    private static func path(of match: RouteTable.Match) -> String {
        switch match {
        case .found(let route, _): route.path.description
        case .otherMethod(_, let path): path.description
        case .unknown, .everything, .malformed: "unmatched"
        }
    }
}
