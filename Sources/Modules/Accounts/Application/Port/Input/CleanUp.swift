/// Removes what has expired.
package protocol CleanUp: Sendable {
    /// One batch.
    ///
    /// - Parameter limit: of accounts to erase; of other rows it is a few times as many.
    /// - Returns: how much was removed.
    func callAsFunction(limit: Int) async throws -> Int
}

extension CleanUp {
    /// The largest batch.
    package func callAsFunction() async throws -> Int { try await self(limit: .max) }
}
