import Shared
import __Module__Contract
import __Module__Domain

/// Shows one __words__.
package struct Read__Entity__Service: Sendable {
    private let work: any __Module__Work

    package init(work: any __Module__Work) {
        self.work = work
    }

    /// - Returns: nil if there is none with this id.
    package func callAsFunction(_ id: __Entity__ID) async throws -> __Entity__? {
        try await work.read { try $0.__module__.find(id) }
    }
}
