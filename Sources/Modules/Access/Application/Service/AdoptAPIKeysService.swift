import AccessContract
import AccessDomain
import Shared

/// Writes down what the keys of a version are that knew neither kinds nor services, and reports to the owners of those
/// that open nothing any more.
package struct AdoptAPIKeysService: Sendable {
    private let work: any AccessWork
    private let clock: any WallClock

    package init(work: any AccessWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// A second time changes nothing.
    ///
    /// - Returns: how many open keys list no service.
    package func callAsFunction() async throws -> Int {
        let now = clock.now
        return try await work.write { context in
            for key in try context.apiKeys.lockWithoutKind() {
                try context.apiKeys.update(key)
                try context.changed(.apiKey(key.id), at: now)
                guard let owner = key.owner.userID, key.services.isEmpty, key.state(at: now) == .open else { continue }
                try context.publish(APIKeyServicesNeeded(keyID: key.id, userID: owner))
            }
            return try context.apiKeys.countWithoutServices(at: now)
        }
    }
}
