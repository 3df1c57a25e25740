/// Sends what is queued and due.
package protocol SendNotifications: Sendable {
    /// One batch.
    ///
    /// - Returns: how many messages were worked off.
    func callAsFunction() async throws -> Int
}
