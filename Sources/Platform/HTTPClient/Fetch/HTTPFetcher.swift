import Lifecycle
import Shared

/// Outgoing HTTP over libcurl: HTTP/1.1 and 2, connections that are used again, one thread for all of it.
///
/// Each request, and each hop of a redirect, passes the guard first and the circuit breaker of its origin.
package final class HTTPFetcher: HTTPFetching, Service {
    package let name = "http client"
    private let egress: EgressGuard
    private let breaker: CircuitBreaker
    private let loop: TransferLoop

    /// - Parameters:
    ///   - ordersMax: requests that are on their way at once; more are refused.
    ///   - perHostMax: connections to one host at once; more requests wait, within their time.
    package init(
        _ egress: EgressGuard, breaker: CircuitBreaker = CircuitBreaker(), ordersMax: Int = 1_024,
        connectionsMax: Int = 256, perHostMax: Int = 16
    ) {
        self.egress = egress
        self.breaker = breaker
        loop = TransferLoop(ordersMax: ordersMax, connectionsMax: connectionsMax, perHostMax: perHostMax)
    }

    deinit { loop.close() }

    package func fetch(_ request: FetchRequest) async throws -> FetchResponse {
        let deadline = ContinuousClock.now + request.limits.total
        var hop = request
        while true {
            let response = try await guarded(hop, until: deadline)
            guard let next = try hop.following(response) else {
                if hop.redirectsMax == 0, request.redirectsMax > 0, response.header("location") != nil,
                    [301, 302, 303, 307, 308].contains(response.status)
                {
                    throw FetchFailure(.redirected, "too many redirects", mayHaveArrived: true)
                }
                return response
            }
            hop = next
        }
    }

    package func refusal(of url: FetchURL) -> EgressPolicy.Refusal? { egress.policy.refusal(of: url) }

    /// Waits for the end, and ends what is still on its way.
    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        loop.close()
        await loop.ended.wait()
    }

    private func guarded(_ hop: FetchRequest, until deadline: ContinuousClock.Instant) async throws -> FetchResponse {
        try hop.validate()
        let origin = hop.url.origin
        if let refusal = refusal(of: hop.url) { throw refusal.failure }
        try breaker.admit(origin)
        do {
            let response = try await send(hop, until: deadline)
            breaker.succeeded(origin)
            return response
        } catch let failure as FetchFailure {
            switch failure.kind {
            case .unresolved, .unreachable, .insecure, .timedOut, .broken: breaker.failed(origin)
            // It is there.
            case .tooLarge: breaker.succeeded(origin)
            case .refused, .redirected, .paused: breaker.abandoned(origin)
            }
            throw failure
        } catch {
            breaker.abandoned(origin)
            throw error
        }
    }

    private func send(_ hop: FetchRequest, until deadline: ContinuousClock.Instant) async throws -> FetchResponse {
        let addresses = try await addresses(for: hop, until: deadline)
        let left = deadline - .now
        guard left > .zero else { throw FetchFailure(.timedOut, "the name took too long") }
        let policy = egress.policy.applied(to: hop.url)
        return try await loop.run(FetchOrder(hop, to: addresses, policy: policy, total: left))
    }

    /// Within the time for connecting.
    private func addresses(
        for hop: FetchRequest, until deadline: ContinuousClock.Instant
    ) async throws -> [NetworkAddress] {
        // An address is its own answer.
        guard case .name = hop.url.host else { return try await egress.addresses(for: hop.url) }
        let limit = min(deadline, ContinuousClock.now + hop.limits.connect)
        return try await withThrowingTaskGroup(of: [NetworkAddress].self) { group in
            group.addTask { [egress] in try await egress.addresses(for: hop.url) }
            group.addTask {
                try await Task.sleep(until: limit)
                throw FetchFailure(.timedOut, "the name took too long")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
