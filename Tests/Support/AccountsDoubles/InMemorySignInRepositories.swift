import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemoryValidationTokenRepository: ValidationTokenRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: ValidationID) throws -> ValidationToken? { context.store.validations[id] }

    func history(_ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp) throws -> [ValidationToken] {
        context.store.validations.values
            .filter { $0.purpose == purpose && $0.userID == userID && $0.createdAt >= since }
    }

    func insert(_ token: ValidationToken) throws {
        try context.change { store in
            if let userID = token.userID, store.accounts[userID] == nil {
                throw InternalFailure("the validation has no user")
            }
            store.validations[token.id] = token
        }
    }

    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let token = store.validations[id], token.usedAt == nil else { return false }
            store.validations[id]?.usedAt = now
            return true
        }
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try context.change { store in
            for (id, token) in store.validations
            where token.userID == userID && token.usedAt == nil && ![.emailUndo, .mfaReset].contains(token.purpose) {
                store.validations[id]?.usedAt = now
            }
        }
    }

    func cancel(
        _ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp?, at now: Timestamp
    ) throws {
        try context.change { store in
            for (id, token) in store.validations
            where token.userID == userID && token.purpose == purpose && token.usedAt == nil
                && since.map({ token.createdAt >= $0 }) ?? true
            {
                store.validations[id]?.usedAt = now
            }
        }
    }
}

struct InMemorySignInCodeRepository: SignInCodeRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: SignInCodeID) throws -> SignInCode? { context.store.signInCodes[id] }

    func latest(of userID: UserID, at now: Timestamp) throws -> SignInCode? {
        codes(of: userID).filter { !$0.createdAt.isAhead(of: now) }.max {
            ($0.createdAt, $0.id) < ($1.createdAt, $1.id)
        }
    }

    func attempts(
        of userID: UserID, by guesser: SignInCode.Guesser, since: Timestamp, at now: Timestamp
    ) throws -> Int {
        codes(of: userID).filter { $0.createdAt >= since && !$0.createdAt.isAhead(of: now) }
            .reduce(0) { $0 + (guesser == .owner ? $1.ownerAttempts : $1.attempts) }
    }

    func insert(_ code: SignInCode) throws {
        try context.change { store in
            guard store.accounts[code.userID] != nil else { throw InternalFailure("the code has no user") }
            store.signInCodes[code.id] = code
        }
    }

    func update(_ code: SignInCode) throws {
        try context.change { store in
            store.signInCodes[code.id]?.attempts = code.attempts
            store.signInCodes[code.id]?.ownerAttempts = code.ownerAttempts
            store.signInCodes[code.id]?.usedAt = code.usedAt
        }
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try context.change { store in
            for (id, code) in store.signInCodes where code.userID == userID && code.usedAt == nil {
                store.signInCodes[id]?.usedAt = now
            }
        }
    }

    private func codes(of userID: UserID) -> [SignInCode] {
        context.store.signInCodes.values.filter { $0.userID == userID }
    }
}

struct InMemorySignInFailureRepository: SignInFailureRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ key: String) throws -> SignInFailures? { context.store.signInFailures[key] }
    func lock(_ key: String) throws -> SignInFailures? { try find(key) }
    func save(_ failures: SignInFailures) throws { try context.change { $0.signInFailures[failures.key] = failures } }
    func remove(_ key: String) throws { try context.change { $0.signInFailures[key] = nil } }

    func removeAll(keysBeginningWith prefix: String) throws {
        try context.change { store in
            store.signInFailures = store.signInFailures.filter { !$0.key.hasPrefix(prefix) }
        }
    }
}

struct InMemoryQuietAddressRepository: QuietAddressRepository {
    let context: InMemoryContext<AccountsStore>

    func add(_ address: EmailAddress, until end: Timestamp) throws {
        try context.change { $0.quietAddresses[address.key] = end }
    }

    func isQuiet(_ address: EmailAddress, at now: Timestamp) throws -> Bool {
        context.store.quietAddresses[address.key].map { $0 > now } ?? false
    }

    func remove(_ address: EmailAddress) throws { try context.change { $0.quietAddresses[address.key] = nil } }
}

struct InMemoryRevocationRepository: RevocationRepository {
    let context: InMemoryContext<AccountsStore>

    func add(_ revocation: Revocation) throws { try context.change { $0.revocations.append(revocation) } }
}
