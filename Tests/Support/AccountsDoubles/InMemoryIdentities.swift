import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemoryIdentityRepository: IdentityRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: IdentityID) throws -> Identity? { context.store.identities[id] }

    func find(_ provider: ProviderName, issuer: String, subject: String) throws -> Identity? {
        context.store.identities.values.first { $0.isSame(provider, issuer, subject) }
    }

    func all(of userID: UserID) throws -> [Identity] {
        context.store.identities.values.filter { $0.userID == userID }.sorted { $0.id < $1.id }
    }

    func insert(_ identity: Identity) throws {
        try context.change { store in
            guard store.accounts[identity.userID] != nil else { throw InternalFailure("the identity has no user") }
            let isTaken = store.identities.values.contains {
                $0.isSame(identity.provider, identity.issuer, identity.subject)
            }
            if isTaken { throw InternalFailure("the identity is linked already") }
            store.identities[identity.id] = identity
        }
    }

    func update(_ identity: Identity) throws {
        try context.change { store in
            store.identities[identity.id]?.email = identity.email
            store.identities[identity.id]?.emailTrust = identity.emailTrust
            store.identities[identity.id]?.claims = identity.claims
            store.identities[identity.id]?.lastUsed = identity.lastUsed
        }
    }

    func delete(_ id: IdentityID) throws { try context.change { $0.identities[id] = nil } }
}

extension Identity {
    fileprivate func isSame(_ provider: ProviderName, _ issuer: String, _ subject: String) -> Bool {
        self.provider == provider && self.issuer.utf8.elementsEqual(issuer.utf8)
            && self.subject.utf8.elementsEqual(subject.utf8)
    }
}

struct InMemoryFlowClaimRepository: FlowClaimRepository {
    let context: InMemoryContext<AccountsStore>

    func insert(_ claim: FlowClaim) throws -> Bool {
        try context.change { store in
            guard store.flowClaims[claim.hash] == nil else { return false }
            store.flowClaims[claim.hash] = claim
            return true
        }
    }

    func find(_ hash: [UInt8]) throws -> FlowClaim? { context.store.flowClaims[hash] }

    func update(_ claim: FlowClaim) throws {
        try context.change { store in
            store.flowClaims[claim.hash]?.state = claim.state
            store.flowClaims[claim.hash]?.result = claim.result
            store.flowClaims[claim.hash]?.doneAt = claim.doneAt
        }
    }
}

struct InMemoryAppCodeRepository: AppCodeRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ hash: [UInt8]) throws -> AppCode? { context.store.appCodes[hash] }

    func insert(_ code: AppCode) throws {
        try context.change { store in
            guard store.accounts[code.userID] != nil else { throw InternalFailure("the code has no user") }
            store.appCodes[code.hash] = code
        }
    }

    func markUsed(_ hash: [UInt8], at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let code = store.appCodes[hash], code.usedAt == nil else { return false }
            store.appCodes[hash]?.usedAt = now
            return true
        }
    }

    /// Nothing reads it.
    func note(_ session: SessionID, of hash: [UInt8]) throws {}
}
