import Shared

/// What other modules may ask __Module__.
package protocol __Module__Facade: Sendable {
    /// - Returns: nil if there is no such __words__.
    func title(of id: __Entity__ID) async throws -> String?
}
