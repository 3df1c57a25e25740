import Retention
import Shared

/// Where idempotency keys are kept, with the answers to their requests. Of several claims at once for one scope one is
/// granted.
package protocol IdempotencyStore: Sendable {
    /// Takes the key for a run, or says what became of the run before.
    ///
    /// - Parameters:
    ///   - scope: caller, route and key, as a digest.
    ///   - fingerprints: of the request, by every key that was used within the lifetime; the first is stored.
    ///   - resourceID: a new identifier, used if the key is new.
    func claim(
        _ scope: [UInt8], fingerprints: [[UInt8]], resourceID: Identifier, at now: Timestamp
    ) async throws -> IdempotencyVerdict

    /// Keeps the answer. If two runs come to an end, the first answer stays.
    func complete(_ claim: IdempotencyClaim, status: Int, sealed: [UInt8]) async throws

    /// Ends the lease: the same request may run again at once, with the same identifier.
    func release(_ claim: IdempotencyClaim, at now: Timestamp) async throws

    /// The key is as if it had never been sent.
    func forget(_ claim: IdempotencyClaim) async throws

    /// Removes answers that are not given again any more.
    var prune: Prune { get }
}

/// What a request with a key finds.
package enum IdempotencyVerdict: Sendable {
    /// It runs now, and no other does.
    case granted(IdempotencyClaim)
    /// Another one with this key runs.
    case inUse
    /// The key belongs to another request.
    case reused
    case answered(status: Int, sealed: [UInt8])
}

/// The right to run one request, until the lease ends.
package struct IdempotencyClaim: Sendable, Equatable {
    package let scope: [UInt8]
    /// The identifier of what the request makes: of every attempt the same.
    package let resourceID: Identifier
    /// From 1. Whoever takes over a claim counts on, so that the one before cannot touch it any more.
    package let attempt: Int

    package init(scope: [UInt8], resourceID: Identifier, attempt: Int) {
        self.scope = scope
        self.resourceID = resourceID
        self.attempt = attempt
    }

    var isFirst: Bool { attempt == 1 }
}
