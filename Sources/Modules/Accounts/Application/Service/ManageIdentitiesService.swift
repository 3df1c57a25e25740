import AccountsContract
import AccountsDomain
import Shared

/// The caller's own accounts at other companies.
package struct ManageIdentitiesService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// - Returns: nil if the account is gone.
    package func list(_ caller: SessionCaller) async throws -> (identities: [Identity], methods: SignInMethods)? {
        try await work.read { context in
            guard let user = try context.users.find(caller.userID)?.user else { return nil }
            return (try context.identities.all(of: user.id), try context.signInMethods(of: user))
        }
    }

    package enum Removal: Sendable, Equatable {
        case removed
        /// The caller has no such identity.
        case unknown
        /// Nothing else signs the owner in.
        case lastMethod
    }

    /// Ends the sessions that the identity opened, the caller's own among them if it is one.
    package func remove(_ id: IdentityID, _ caller: SessionCaller, client: ClientInfo) async throws -> Removal {
        let now = clock.now
        let userID = caller.userID
        return try await work.write { context in
            guard let user = try context.users.lock(userID)?.user, try context.isSignedIn(caller, at: now),
                let identity = try context.identities.find(id), identity.userID == userID
            else { return .unknown }
            guard try !context.signInMethods(of: user, without: id).isEmpty else { return .lastMethod }
            try context.identities.delete(id)
            for session in try context.sessions.alive(of: userID, at: now) where session.identityID == id {
                try context.end(session.id, of: userID, .identityUnlinked, at: now, by: .user(userID, client))
            }
            try context.publish(
                IdentityUnlinked(userID: userID, identityID: id, provider: identity.provider.text))
            try context.audit(
                .done("identity.unlinked", by: "user:\(userID)", on: "identity:\(id)", personal: client.personal))
            return .removed
        }
    }
}
