/// Removes what has expired.
package protocol CleanUp: Sendable {
    /// One batch.
    ///
    /// - Returns: how much was removed.
    func callAsFunction() async throws -> Int
}
