import Shared

/// Knows the addresses of names.
package protocol HostResolver: Sendable {
    /// - Parameter name: lower case, ASCII, no address.
    /// - Throws: `FetchFailure` of the kind `unresolved`; `Unavailable`; `CancellationError` soon after the task was
    ///   cancelled.
    func addresses(of name: String) async throws -> [NetworkAddress]
}
