import AccountsContract
import AccountsDomain
import Shared

/// Gives an app the tokens for the code that its callback brought (RFC 7636): nobody else knows the verifier.
package struct ExchangeAppCodeService: Sendable {
    private let work: any AccountsWork
    private let protection: any FlowProtection
    private let opener: SessionOpener
    private let clock: any WallClock

    package init(
        work: any AccountsWork, protection: any FlowProtection, opener: SessionOpener, clock: any WallClock
    ) {
        self.work = work
        self.protection = protection
        self.opener = opener
        self.clock = clock
    }

    package func callAsFunction(
        code: Secret<String>, verifier: Secret<String>, client: ClientInfo,
        destination: SignInDestination = SignInDestination()
    ) async throws -> SignInOutcome {
        let now = clock.now
        let hash = protection.digest(code.reveal())
        let challenge = protection.digest(verifier.reveal())
        let opening: SessionOpener.Opening = try await work.write { context in
            // Both are digests: how far two of them agree tells nothing about what they are of.
            guard let found = try context.appCodes.find(hash), found.expiresAt > now, found.challenge == challenge,
                let account = try context.users.lock(found.userID),
                try context.identities.find(found.identityID)?.userID == found.userID,
                try context.appCodes.markUsed(hash, at: now)
            else {
                try context.audit(SessionOpener.refusal("invalid_code", nil, client))
                return .refused(.invalidCredentials)
            }
            let opening = try opener.open(
                account, by: found.proof, identity: found.identityID, client, to: destination, at: now, in: context)
            if case .opened(_, let session, _) = opening { try context.appCodes.note(session.id, of: hash) }
            return opening
        }
        return try opener.finish(opening, at: now)
    }
}
