import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemoryPasskeyRepository: PasskeyRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: PasskeyID) throws -> Passkey? { context.store.passkeys[id] }

    func find(credential id: [UInt8]) throws -> Passkey? {
        context.store.passkeys.values.first { $0.credentialID == id }
    }

    func all(of userID: UserID) throws -> [Passkey] {
        context.store.passkeys.values.filter { $0.userID == userID }.sorted { $0.id < $1.id }
    }

    func count(notOf relyingPartyID: String) throws -> Int {
        context.store.passkeys.values.count { $0.relyingPartyID != relyingPartyID }
    }

    func insert(_ passkey: Passkey) throws -> Bool {
        guard try find(credential: passkey.credentialID) == nil else { return false }
        return try context.change { store in
            guard store.accounts[passkey.userID] != nil else { throw InternalFailure("the passkey has no user") }
            store.passkeys[passkey.id] = passkey
            return true
        }
    }

    func rename(_ id: PasskeyID, to name: String) throws { try context.change { $0.passkeys[id]?.name = name } }

    func advance(_ id: PasskeyID, to count: Int) throws -> Bool {
        try context.change { store in
            guard let passkey = store.passkeys[id], passkey.signCount < count else { return false }
            store.passkeys[id]?.signCount = count
            return true
        }
    }

    func use(_ id: PasskeyID, isBackedUp: Bool, at now: Timestamp) throws {
        try context.change { store in
            store.passkeys[id]?.isBackedUp = isBackedUp
            store.passkeys[id]?.lastUsed = now
        }
    }

    func suspend(_ id: PasskeyID, at now: Timestamp) throws {
        try context.change { store in
            guard store.passkeys[id]?.suspendedAt == nil else { return }
            store.passkeys[id]?.suspendedAt = now
        }
    }

    func delete(_ id: PasskeyID) throws -> Bool { try context.change { $0.passkeys.removeValue(forKey: id) != nil } }

    func handle(of userID: UserID) throws -> [UInt8]? { context.store.passkeyHandles[userID] }

    func handle(of userID: UserID, orSet handle: [UInt8]) throws -> [UInt8] {
        try context.change { store in
            guard store.accounts[userID] != nil else { throw InternalFailure("there is no user \(userID)") }
            let kept = store.passkeyHandles[userID] ?? handle
            store.passkeyHandles[userID] = kept
            return kept
        }
    }

    func insert(_ challenge: PasskeyChallenge) throws {
        try context.change { store in
            if let userID = challenge.userID, store.accounts[userID] == nil {
                throw InternalFailure("the challenge has no user")
            }
            store.passkeyChallenges[challenge.hash] = challenge
        }
    }

    func claim(challenge hash: [UInt8], at now: Timestamp) throws -> PasskeyChallenge? {
        try context.change { store in
            guard let challenge = store.passkeyChallenges[hash], challenge.usedAt == nil else { return nil }
            store.passkeyChallenges[hash]?.usedAt = now
            return challenge
        }
    }
}
