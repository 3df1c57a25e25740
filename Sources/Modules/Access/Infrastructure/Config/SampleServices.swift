import AccessApplication
import AccessDomain
import SQL
import Shared

/// A few services to try things with, registered at the first start of a development installation; who removes them has
/// them removed for good.
struct SampleServices: Sendable {
    let database: any Database
    let work: any AccessWork
    let registry: PermissionRegistry
    let clock: any WallClock
    let identifiers: any IdentifierSource

    private static let fact = "access.samples"
    private static let services = [
        ("cvmaker", "CV maker", 9_001), ("jobportal", "Job portal", 9_002), ("3dbinpacking", "3D bin packing", 9_003),
        ("media_information", "Media information", 9_004),
    ]

    func register() async throws {
        let facts = InstallationFacts(database)
        guard try await facts.find(Self.fact) == nil else { return }
        let now = clock.now
        let samples = try Self.services.map { slug, name, port in
            var draft = ServiceDraft(slug: slug, name: name, audience: slug, upstream: "http://127.0.0.1:\(port)")
            draft.allowAnonymous = true
            let (slug, rules) = try draft.validated(registry)
            return RegisteredService(
                id: identifiers.next(), slug: slug, rules: rules, createdAt: now, updatedAt: now)
        }
        try await work.write { context in
            for service in samples { _ = try context.services.insert(service) }
            try context.changed(.services, at: now)
        }
        // Last: a crash between leaves services that are found again.
        try await facts.note(Self.fact, "registered")
    }
}
