/// Asks other systems over HTTP. What goes out goes through here, and so through the egress guard.
package protocol HTTPFetching: Sendable {
    /// - Returns: the answer, also one of refusal.
    /// - Throws: `FetchFailure` if there is none; `CancellationError`; `Unavailable` if too many requests are on their
    ///   way, or after the end.
    func fetch(_ request: FetchRequest) async throws -> FetchResponse

    /// Why no request may go to a URL, as far as the URL shows it; nil if its host's addresses decide.
    func refusal(of url: FetchURL) -> EgressPolicy.Refusal?
}
