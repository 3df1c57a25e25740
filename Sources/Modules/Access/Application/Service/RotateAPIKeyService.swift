import AccessContract
import AccessDomain
import Shared

/// Gives a key another secret, while the old one still counts.
///
/// A person's key is rotated by its owner alone: whoever has its secret acts as that person.
package struct RotateAPIKeyService: Sendable {
    private let work: any AccessWork
    private let digest: any KeyDigest
    private let random: any RandomSource
    private let clock: any WallClock

    package init(work: any AccessWork, digest: any KeyDigest, random: any RandomSource, clock: any WallClock) {
        self.work = work
        self.digest = digest
        self.random = random
        self.clock = clock
    }

    package func callAsFunction(_ command: RotateAPIKeyCommand) async throws -> RotateAPIKeyOutcome {
        let (now, principal) = (clock.now, command.principal)
        return try await work.write { [digest, random] context in
            guard var key = try context.apiKeys.lock(command.id), principal.sees(key) else { return .unknown }
            let isOwnersAlone = key.owner.userID != nil && !principal.owns(key)
            guard !isOwnersAlone,
                try context.mayManage(
                    key, before: key.scopes, after: key.scopes, ownedByAdministrator: false, by: principal)
            else {
                try context.auditRefused("api_key.rotated", on: key, by: principal)
                return .permissionDenied
            }
            guard key.state(at: now) == .open else { return .ended }
            let text = APIKeyText(random: random, prefix: key.prefix)
            key.rotate(to: digest.digest(of: text.secret.reveal()), overlap: command.overlap, at: now)
            try context.apiKeys.update(key)
            try context.changed(.apiKey(key.id), at: now)
            try context.publish(APIKeyChanged(key, "rotated", by: principal))
            try context.auditDone("api_key.rotated", on: key, by: principal)
            return .rotated(key, text: text.text)
        }
    }
}
