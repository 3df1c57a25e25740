import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

extension AccountsWorkBehaviour {
    static let factors = [
        AccountsWorkBehaviour("a factor comes back as it was stored, and goes with its account") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let (first, second) = (Sample.factor(1, of: 1), Sample.factor(2, of: 1))
            try await subject.work.write { context in
                for factor in [second, first, Sample.factor(3, of: 2)] { try context.totpFactors.insert(factor) }
            }
            #expect(try await subject.factors(of: 1) == [first, second])
            #expect(try await subject.work.write { try $0.totpFactors.delete(first.id) })
            #expect(try await !subject.work.write { try $0.totpFactors.delete(first.id) })
            #expect(try await subject.factors(of: 1) == [second])
            try await subject.work.write { try $0.totpFactors.deleteAll(of: Sample.userID(1)) }
            #expect(try await subject.factors(of: 1).isEmpty)
            try await subject.work.write { try $0.users.delete(Sample.userID(2)) }
            #expect(try await subject.factors(of: 2).isEmpty)
        },
        AccountsWorkBehaviour("a factor is confirmed once, by a step that counts no more") { subject in
            try await subject.work.add(try Sample.account(1))
            let factor = Sample.factor(1, of: 1)
            try await subject.work.write { try $0.totpFactors.insert(factor) }
            let now = Sample.now + .seconds(1)
            #expect(try await !subject.work.write { try $0.totpFactors.take(step: 9, of: factor.id, at: now) })
            #expect(try await subject.work.write { try $0.totpFactors.confirm(factor.id, step: 10, at: now) })
            #expect(try await !subject.work.write { try $0.totpFactors.confirm(factor.id, step: 11, at: now) })
            var confirmed = factor
            (confirmed.confirmedAt, confirmed.lastStep) = (now, 10)
            #expect(try await subject.factors(of: 1) == [confirmed])
        },
        AccountsWorkBehaviour("a step is taken once, and no older one after it") { subject in
            try await subject.work.add(try Sample.account(1))
            var factor = Sample.factor(1, of: 1)
            factor.confirmedAt = Sample.now
            let stored = factor
            try await subject.work.write { try $0.totpFactors.insert(stored) }
            var taken: [Bool] = []
            for step in [10, 10, 9, 11] as [Int64] {
                taken.append(
                    try await subject.work.write { try $0.totpFactors.take(step: step, of: stored.id, at: Sample.now) })
            }
            #expect(taken == [true, false, false, true])
            (factor.lastStep, factor.lastUsedAt) = (11, Sample.now)
            #expect(try await subject.factors(of: 1) == [factor])
        },
        AccountsWorkBehaviour("recovery codes are used once each, by their owner only, and replaced all at once") {
            subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            func use(_ hash: UInt8, of user: UInt64) async throws -> Bool {
                try await subject.work.write {
                    try $0.recoveryCodes.use([hash, hash], of: Sample.userID(user), at: Sample.now)
                }
            }
            func replace(_ numbers: [UInt64], of user: UInt64) async throws {
                try await subject.work.write { context in
                    try context.recoveryCodes.replaceAll(
                        of: Sample.userID(user), by: numbers.map { Sample.recoveryCode($0, of: user) })
                }
            }
            func left(of user: UInt64) async throws -> Int {
                try await subject.work.read { try $0.recoveryCodes.left(of: Sample.userID(user)) }
            }
            try await replace([1, 2], of: 1)
            try await replace([3], of: 2)
            #expect(try await !use(3, of: 1))
            #expect(try await use(1, of: 1))
            #expect(try await !use(1, of: 1))
            #expect(try await left(of: 1) == 1)
            try await replace([4, 5, 6], of: 1)
            #expect(try await !use(2, of: 1))
            #expect(try await left(of: 1) == 3)
            #expect(try await left(of: 2) == 1)
            try await replace([], of: 1)
            #expect(try await left(of: 1) == 0)
        },
        AccountsWorkBehaviour("a half-done sign-in comes back as it was stored, counts tries and is used once") {
            subject in
            try await subject.work.add(try Sample.account(1))
            let (full, plain) = (Sample.fullChallenge(1, of: 1), Sample.challenge(2, of: 1))
            try await subject.work.write { context in
                try context.mfaChallenges.insert(full)
                try context.mfaChallenges.insert(plain)
                try context.mfaChallenges.countAttempt(plain.id)
            }
            #expect(try await subject.work.read { try $0.mfaChallenges.find(full.id) } == full)
            #expect(try await subject.work.read { try $0.mfaChallenges.find(plain.id)?.attempts } == 1)
            let later = Sample.now + .seconds(1)
            #expect(try await subject.work.write { try $0.mfaChallenges.markUsed(full.id, at: later) })
            #expect(try await !subject.work.write { try $0.mfaChallenges.markUsed(full.id, at: later) })
            try await subject.work.write { try $0.mfaChallenges.cancelAll(of: Sample.userID(1), at: later) }
            #expect(try await !subject.work.write { try $0.mfaChallenges.markUsed(plain.id, at: later) })
        },
        AccountsWorkBehaviour("one reset waits for an account, is warned of once and comes due") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let reset = Sample.reset(1, of: 1)
            let other = Sample.reset(2, of: 1)
            #expect(try await subject.work.write { try $0.mfaResets.insert(reset) })
            #expect(try await !subject.work.write { try $0.mfaResets.insert(other) })
            #expect(try await subject.work.read { try $0.mfaResets.find(of: Sample.userID(1)) } == reset)
            func unwarned(at now: Timestamp) async throws -> [MFAReset] {
                try await subject.work.read { try $0.mfaResets.unwarned(at: now, limit: 10) }
            }
            func due(at now: Timestamp) async throws -> [MFAReset] {
                try await subject.work.read { try $0.mfaResets.due(at: now, limit: 10) }
            }
            #expect(try await unwarned(at: reset.warningAt - .milliseconds(1)).isEmpty)
            #expect(try await unwarned(at: reset.warningAt) == [reset])
            try await subject.work.write { try $0.mfaResets.markWarned(reset.id, at: reset.warningAt) }
            #expect(try await unwarned(at: reset.warningAt).isEmpty)
            #expect(try await due(at: reset.effectiveAt - .milliseconds(1)).isEmpty)
            #expect(try await due(at: reset.effectiveAt).map(\.warnedAt) == [reset.warningAt])
            #expect(try await subject.work.write { try $0.mfaResets.delete(of: Sample.userID(1)) })
            #expect(try await !subject.work.write { try $0.mfaResets.delete(of: Sample.userID(1)) })
        },
        AccountsWorkBehaviour("half-done sign-ins and factors that nobody confirmed go a day later") { subject in
            try await subject.work.add(try Sample.account(1))
            var kept = Sample.factor(1, of: 1)
            kept.confirmedAt = Sample.now
            let (confirmed, pending, challenge) = (kept, Sample.factor(2, of: 1), Sample.challenge(1, of: 1))
            try await subject.work.write { context in
                try context.totpFactors.insert(confirmed)
                try context.totpFactors.insert(pending)
                try context.mfaChallenges.insert(challenge)
            }
            let day: Duration = .seconds(86_400)
            try await subject.work.write { _ = try $0.removeExpired(at: Sample.now + day, limit: 10) }
            #expect(try await subject.factors(of: 1).count == 2)
            try await subject.work.write {
                _ = try $0.removeExpired(at: challenge.expiresAt + day + .milliseconds(1), limit: 10)
            }
            #expect(try await subject.factors(of: 1) == [confirmed])
            #expect(try await subject.work.read { try $0.mfaChallenges.find(challenge.id) } == nil)
        },
    ]
}

extension AccountsWorkSubject {
    fileprivate func factors(of user: UInt64) async throws -> [TOTPFactor] {
        try await work.read { try $0.totpFactors.all(of: Sample.userID(user)) }
    }
}

extension Sample {
    fileprivate static func factor(_ number: UInt64, of user: UInt64) -> TOTPFactor {
        TOTPFactor(
            id: FactorID(SequentialIdentifiers.identifier(4_000 + number)), userID: userID(user), name: "Phone",
            sealedSecret: [1, 2, UInt8(number)], createdAt: now)
    }

    fileprivate static func recoveryCode(_ number: UInt64, of user: UInt64) -> RecoveryCode {
        RecoveryCode(
            id: SequentialIdentifiers.identifier(5_000 + number), userID: userID(user),
            batch: SequentialIdentifiers.identifier(6_000), hash: [UInt8(number), UInt8(number)], createdAt: now)
    }

    fileprivate static func challenge(_ number: UInt64, of user: UInt64) -> MFAChallenge {
        MFAChallenge(
            id: MFAChallengeID(SequentialIdentifiers.identifier(7_000 + number)), userID: userID(user),
            proof: SignInProof([.password], at: now), device: MFAChallenge.Device(known: nil, userAgent: nil),
            createdAt: now, expiresAt: now + .seconds(300))
    }

    /// Every member that may be absent is there.
    fileprivate static func fullChallenge(_ number: UInt64, of user: UInt64) -> MFAChallenge {
        MFAChallenge(
            id: MFAChallengeID(SequentialIdentifiers.identifier(7_000 + number)), userID: userID(user),
            proof: SignInProof([.federated], at: now), identityID: IdentityID(SequentialIdentifiers.identifier(7_500)),
            device: MFAChallenge.Device(known: SequentialIdentifiers.identifier(7_600), userAgent: "Test/1"),
            destination: SignInDestination(delivery: .body, returnTo: "/account"),
            isNewDevice: true, attempts: 2, createdAt: now, expiresAt: now + .seconds(300))
    }

    fileprivate static func reset(_ number: UInt64, of user: UInt64) -> MFAReset {
        MFAReset(
            id: MFAResetID(SequentialIdentifiers.identifier(8_000 + number)), userID: userID(user),
            requestedBy: "user:1", reason: "lost the phone", requestedAt: now, warningAt: now + .seconds(50),
            effectiveAt: now + .seconds(60))
    }
}
