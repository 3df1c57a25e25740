import AccountsContract
import AccountsDomain
import Shared

/// Carries out what `ResetFactorsService` has begun: warns, removes, or stops.
package struct FollowFactorResetsService: Sendable {
    private let work: any AccountsWork
    private let links: LinkReader
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    private static let batchSize = 50

    package init(
        work: any AccountsWork, signer: any ValidationTokenSigner, clock: any WallClock,
        identifiers: any IdentifierSource
    ) {
        self.work = work
        links = LinkReader(signer: signer)
        self.clock = clock
        self.identifiers = identifiers
    }

    /// What is due by now; to be called every few minutes, by one process.
    package func callAsFunction() async throws {
        let now = clock.now
        let (unwarned, due) = try await work.read { context in
            (
                try context.mfaResets.unwarned(at: now, limit: Self.batchSize),
                try context.mfaResets.due(at: now, limit: Self.batchSize)
            )
        }
        for reset in unwarned { try await warn(reset, at: now) }
        for reset in due { try await carryOut(reset, at: now) }
    }

    private func warn(_ reset: MFAReset, at now: Timestamp) async throws {
        let id: ValidationID = identifiers.next()
        try await work.write { context in
            // Read again under the lock: it may have been stopped meanwhile.
            guard let user = try context.users.lock(reset.userID)?.user,
                try context.mfaResets.find(of: user.id)?.id == reset.id
            else { return }
            try context.mfaResets.markWarned(reset.id, at: now)
            try context.warn(of: reset, user, id, at: now)
        }
    }

    private func carryOut(_ reset: MFAReset, at now: Timestamp) async throws {
        try await work.write { context in
            guard var user = try context.users.lock(reset.userID)?.user,
                try context.mfaResets.find(of: user.id)?.id == reset.id
            else { return }
            try context.removeFactors(of: &user, at: now)
            try context.reclaim(&user, .mfaReset, at: now, by: .system)
            try context.publish(MFAResetDone(userID: user.id))
            try context.audit(.done("mfa.reset", by: "system", on: "user:\(user.id)"))
        }
    }

    package func preview(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try links.preview(token, .mfaReset, at: now, in: $0) }
    }

    /// The owner stops it. Every warning of it is used up with the one that is followed.
    package func stop(_ token: String, client: ClientInfo) async throws -> StopFactorResetOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try links.claim(token, .mfaReset, at: now, in: context) {
            case .refused(let refusal): return .refused(refusal)
            case .claimed(_, let account):
                let id = account.user.id
                guard try context.mfaResets.delete(of: id) else { return .refused(.invalid) }
                try context.validations.cancel(.mfaReset, of: id, since: nil, at: now)
                try context.audit(
                    .done("mfa.reset_stopped", by: "user:\(id)", on: "user:\(id)", personal: client.personal))
                return .stopped
            }
        }
    }
}
