import AccessApplication
import AccessDomain
import Shared
import Synchronization

/// The services as they were when they were last read. Of two reads at once, the one that began later counts.
final class InMemoryServiceDirectory: ServiceDirectory {
    private struct State {
        var bySlug: [String: RegisteredService] = [:]
        var all: [RegisteredService] = []
        var lastBegun: UInt64 = 0
        var lastTaken: UInt64 = 0
    }

    private let state = Mutex(State())

    func service(_ slug: String) -> RegisteredService? { state.withLock { $0.bySlug[slug] } }

    var all: [RegisteredService] { state.withLock { $0.all } }

    func reload(_ work: any AccessWork) async throws {
        let number = state.withLock { state in
            state.lastBegun += 1
            return state.lastBegun
        }
        let services = try await work.read { try $0.services.all() }
        state.withLock { state in
            guard number > state.lastTaken else { return }
            state.lastTaken = number
            state.all = services
            state.bySlug = Dictionary(services.map { ($0.slug.text, $0) }) { first, _ in first }
        }
    }
}
