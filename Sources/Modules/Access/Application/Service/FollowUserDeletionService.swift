import AccessContract
import AccessDomain
import Shared

/// An account is gone: its keys open nothing any more, and nothing is kept of it.
package struct FollowUserDeletionService: Sendable {
    private let work: any AccessWork
    private let meter: any Meter
    private let clock: any WallClock

    package init(work: any AccessWork, meter: any Meter, clock: any WallClock) {
        self.work = work
        self.meter = meter
        self.clock = clock
    }

    package func callAsFunction(_ userID: Identifier, eventID: Identifier) async throws {
        let now = clock.now
        // Before the event is accepted: if this fails, it comes again.
        try await meter.reset(.user(userID))
        try await work.write { context in
            guard try context.accept(eventID: eventID, at: now) else { return }
            _ = try context.roles.lockRoles(of: userID)
            try context.roles.setRoles(of: userID, to: [], at: now)
            _ = try context.entitlements.lock(.user(userID))
            try context.entitlements.delete(.user(userID))
            for id in try context.apiKeys.all(of: .user(userID)).map(\.id).sorted() {
                guard var key = try context.apiKeys.lock(id) else { continue }
                // Behind the lock, so that no process adds to it meanwhile.
                try context.keyUses.removeAll(of: id)
                let wasOpen = key.revoke(at: now)
                // A name may say who the owner was.
                key.name = ""
                try context.apiKeys.update(key)
                guard wasOpen else { continue }
                try context.changed(.apiKey(id), at: now)
                try context.publish(
                    APIKeyRevoked(
                        keyID: id, userID: userID, tenantID: key.owner.tenantID, reason: "owner_deleted"))
                try context.audit(.done("api_key.revoked", by: "system", on: "api_key:\(id)"))
            }
            try context.changed(.user(userID), at: now)
            try context.changed(.usage(.user(userID)), at: now)
        }
    }
}
