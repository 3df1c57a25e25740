import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemoryTOTPFactorRepository: TOTPFactorRepository {
    let context: InMemoryContext<AccountsStore>

    func all(of userID: UserID) throws -> [TOTPFactor] {
        context.store.totpFactors.values.filter { $0.userID == userID }.sorted { $0.id.value < $1.id.value }
    }

    func insert(_ factor: TOTPFactor) throws {
        try context.change { store in
            guard store.accounts[factor.userID] != nil else { throw InternalFailure("the factor has no user") }
            store.totpFactors[factor.id] = factor
        }
    }

    func confirm(_ id: FactorID, step: Int64, at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let factor = store.totpFactors[id], !factor.isConfirmed, factor.lastStep < step else { return false }
            store.totpFactors[id]?.confirmedAt = now
            store.totpFactors[id]?.lastStep = step
            return true
        }
    }

    func take(step: Int64, of id: FactorID, at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let factor = store.totpFactors[id], factor.isConfirmed, factor.lastStep < step else { return false }
            store.totpFactors[id]?.lastUsedAt = now
            store.totpFactors[id]?.lastStep = step
            return true
        }
    }

    func delete(_ id: FactorID) throws -> Bool {
        try context.change { $0.totpFactors.removeValue(forKey: id) != nil }
    }

    func deleteAll(of userID: UserID) throws {
        try context.change { store in store.totpFactors = store.totpFactors.filter { $0.value.userID != userID } }
    }
}

struct InMemoryRecoveryCodeRepository: RecoveryCodeRepository {
    let context: InMemoryContext<AccountsStore>

    func left(of userID: UserID) throws -> Int {
        context.store.recoveryCodes.count { $0.userID == userID && $0.usedAt == nil }
    }

    func replaceAll(of userID: UserID, by codes: [RecoveryCode]) throws {
        try context.change { store in
            store.recoveryCodes.removeAll { $0.userID == userID }
            store.recoveryCodes += codes
        }
    }

    func use(_ hash: [UInt8], of userID: UserID, at now: Timestamp) throws -> Bool {
        try context.change { store in
            let index = store.recoveryCodes.firstIndex { $0.userID == userID && $0.hash == hash && $0.usedAt == nil }
            guard let index else { return false }
            store.recoveryCodes[index].usedAt = now
            return true
        }
    }
}

struct InMemoryMFAChallengeRepository: MFAChallengeRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: MFAChallengeID) throws -> MFAChallenge? { context.store.mfaChallenges[id] }

    func insert(_ challenge: MFAChallenge) throws {
        try context.change { store in
            guard store.accounts[challenge.userID] != nil else { throw InternalFailure("the challenge has no user") }
            store.mfaChallenges[challenge.id] = challenge
        }
    }

    func countAttempt(_ id: MFAChallengeID) throws { try context.change { $0.mfaChallenges[id]?.attempts += 1 } }

    func markUsed(_ id: MFAChallengeID, at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let challenge = store.mfaChallenges[id], challenge.usedAt == nil else { return false }
            store.mfaChallenges[id]?.usedAt = now
            return true
        }
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try context.change { store in
            for (id, challenge) in store.mfaChallenges where challenge.userID == userID && challenge.usedAt == nil {
                store.mfaChallenges[id]?.usedAt = now
            }
        }
    }
}

struct InMemoryMFAResetRepository: MFAResetRepository {
    let context: InMemoryContext<AccountsStore>

    func find(of userID: UserID) throws -> MFAReset? { context.store.mfaResets[userID] }

    func insert(_ reset: MFAReset) throws -> Bool {
        try context.change { store in
            guard store.accounts[reset.userID] != nil else { throw InternalFailure("the reset has no user") }
            guard store.mfaResets[reset.userID] == nil else { return false }
            store.mfaResets[reset.userID] = reset
            return true
        }
    }

    func delete(of userID: UserID) throws -> Bool {
        try context.change { $0.mfaResets.removeValue(forKey: userID) != nil }
    }

    func due(at now: Timestamp, limit: Int) throws -> [MFAReset] { first(limit) { $0.effectiveAt <= now } }

    func unwarned(at now: Timestamp, limit: Int) throws -> [MFAReset] {
        first(limit) { $0.warningAt <= now && $0.effectiveAt > now && $0.warnedAt == nil }
    }

    func markWarned(_ id: MFAResetID, at now: Timestamp) throws {
        try context.change { store in
            for (userID, reset) in store.mfaResets where reset.id == id { store.mfaResets[userID]?.warnedAt = now }
        }
    }

    private func first(_ limit: Int, where isMeant: (MFAReset) -> Bool) -> [MFAReset] {
        Array(context.store.mfaResets.values.filter(isMeant).sorted { $0.effectiveAt < $1.effectiveAt }.prefix(limit))
    }
}
