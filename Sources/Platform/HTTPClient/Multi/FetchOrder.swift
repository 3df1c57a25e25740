import Shared

/// One hop of a request on its way to the loop: where it goes is checked and looked up already.
final class FetchOrder: Sendable {
    let request: FetchRequest
    /// Of the host, at least one.
    let addresses: [NetworkAddress]
    let policy: EgressPolicy
    /// What is left of the request's time.
    let total: Duration
    let result = PendingResult<FetchResponse>()

    init(_ request: FetchRequest, to addresses: [NetworkAddress], policy: EgressPolicy, total: Duration) {
        self.request = request
        self.addresses = addresses
        self.policy = policy
        self.total = total
    }
}
