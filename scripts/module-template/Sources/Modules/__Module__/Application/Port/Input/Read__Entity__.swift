import __Module__Contract
import __Module__Domain

/// Shows one __words__.
package protocol Read__Entity__: Sendable {
    /// - Returns: nil if there is none with this id.
    func callAsFunction(_ id: __Entity__ID) async throws -> __Entity__?
}
