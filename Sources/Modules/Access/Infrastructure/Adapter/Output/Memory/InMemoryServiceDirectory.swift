import AccessApplication
import AccessDomain
import Shared

/// The services as they were when they were last read.
final class InMemoryServiceDirectory: ServiceDirectory {
    private struct Services {
        var bySlug: [String: RegisteredService] = [:]
        var all: [RegisteredService] = []
    }

    private let services = LatestRead(Services())

    func service(_ slug: String) -> RegisteredService? { services.withValue { $0.bySlug[slug] } }

    var all: [RegisteredService] { services.withValue { $0.all } }

    func reload(_ work: any AccessWork) async throws {
        try await services.reload {
            let all = try await work.read { try $0.services.all() }
            return Services(
                bySlug: Dictionary(all.map { ($0.slug.text, $0) }) { first, _ in first }, all: all)
        }
    }
}
