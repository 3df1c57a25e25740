/// Something that lives as long as the process: a server, a pool, a relay.
package protocol Service: Sendable {
    /// For logs.
    var name: String { get }

    /// Starts, calls `lifecycle.started()` when others may rely on it, runs until
    /// `lifecycle.shutdownRequested()` returns, and ends its work by `lifecycle.deadline`.
    ///
    /// - Throws: why it could not start or go on; the whole group then stops.
    func run(_ lifecycle: ServiceLifecycle) async throws
}
