import Idempotency
import Retention
import Shared
import Synchronization

/// Idempotency keys in memory.
package final class InMemoryIdempotencyStore: IdempotencyStore {
    private struct Entry {
        let fingerprint: [UInt8]
        let createdAt: Timestamp
        var claim: IdempotencyClaim
        var leaseUntil: Timestamp
        var answer: (status: Int, sealed: [UInt8])?
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    package init() {}

    package var count: Int { entries.withLock { $0.count } }

    package func claim(
        _ scope: [UInt8], fingerprints: [[UInt8]], resourceID: Identifier, at now: Timestamp
    ) -> IdempotencyVerdict {
        entries.withLock { entries in
            guard var entry = entries[scope], now - IdempotencyKeys.lifetime < entry.createdAt else {
                let claim = IdempotencyClaim(scope: scope, resourceID: resourceID, attempt: 1)
                entries[scope] = Entry(
                    fingerprint: fingerprints[0], createdAt: now, claim: claim,
                    leaseUntil: now + IdempotencyKeys.lease)
                return .granted(claim)
            }
            guard fingerprints.contains(entry.fingerprint) else { return .reused }
            if let answer = entry.answer { return .answered(status: answer.status, sealed: answer.sealed) }
            guard entry.leaseUntil <= now else { return .inUse }
            entry.claim = IdempotencyClaim(
                scope: scope, resourceID: entry.claim.resourceID, attempt: entry.claim.attempt + 1)
            entry.leaseUntil = now + IdempotencyKeys.lease
            entries[scope] = entry
            return .granted(entry.claim)
        }
    }

    package func complete(_ claim: IdempotencyClaim, status: Int, sealed: [UInt8]) {
        change(claim) { entry in
            guard entry?.claim.resourceID == claim.resourceID else { return }
            entry?.answer = (status, sealed)
        }
    }

    package func release(_ claim: IdempotencyClaim, at now: Timestamp) {
        change(claim) { entry in
            if entry?.claim == claim { entry?.leaseUntil = now }
        }
    }

    package func forget(_ claim: IdempotencyClaim) {
        change(claim) { entry in
            if entry?.claim == claim { entry = nil }
        }
    }

    package var prune: Prune {
        Prune("idempotency_keys", retention: IdempotencyKeys.lifetime) { horizon, limit in
            self.entries.withLock { entries in
                let over = entries.filter { $0.value.createdAt <= horizon }.keys.prefix(limit)
                for scope in over { entries[scope] = nil }
                return over.count
            }
        }
    }

    /// Of a request that has no answer yet.
    private func change(_ claim: IdempotencyClaim, _ body: (inout Entry?) -> Void) {
        entries.withLock { entries in
            guard entries[claim.scope]?.answer == nil else { return }
            body(&entries[claim.scope])
        }
    }
}
